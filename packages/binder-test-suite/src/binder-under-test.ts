import type { BinderModule, Capabilities, MessageHeaders } from '@millrace/core/spi';
import type { Check } from './check';

/** What a binder must supply to be tested. One object per binder, in its `test/` folder. */
export interface BinderUnderTest {
  /** Stands in the names of the tests: `memory`. */
  readonly name: string;
  /**
   * What the binder is expected to claim; checks that need more are skipped, with the reason in their name. Written down
   * here a second time on purpose: check Q18 fails when the binder itself claims anything else.
   */
  readonly capabilities: Capabilities;
  /** Why there is no broker here. Then all checks are skipped, with this reason in their name. Left out: there is one. */
  readonly absent?: string | undefined;
  /**
   * Opens a way to a broker that runs already, once for each file of tests. All applications of one world share its broker. A
   * broker may serve several worlds: the suite never uses a name twice, and does no harm to this one.
   */
  newWorld(): World | Promise<World>;
  /**
   * Opens a second world, for checks with two brokers and for those that do harm: nobody else uses its broker. Called by the first
   * check that needs it. Left out: {@link newWorld} is called again.
   */
  newOwnWorld?(): World | Promise<World>;
  /** Two worlds are two brokers, and the same destination name in both is two places. Default `false`. */
  readonly separateWorlds?: boolean;
  /**
   * Checks run several at once, except those that must be alone. For brokers of another process, where checks wait for answers
   * most of the time. Default `false`.
   */
  readonly concurrent?: boolean;
  /**
   * All waiting times are multiplied by this, and the counts of the longest checks divided by it. 1 for a broker in the same
   * process; about 5 where a consumer needs seconds to join its group. Default 1.
   */
  readonly slow?: number;
  /** The largest body in bytes that the broker takes. Left out: B2 sends a large one, but none that is too large. */
  readonly recordLimitBytes?: number;
  /** Restarts the broker of an own world, and resolves when it answers again. Left out: checks that need it are skipped. */
  restartBroker?(world: World): Promise<void>;
  /** Cuts every connection to an own world's broker; clients may reconnect at once. Left out: the suite pretends a loss. */
  loseConnections?(world: World): Promise<void>;
  /**
   * Keeps an own world's broker from answering, until the returned function is called; what it is asked may reach it. Its
   * connections stay open. Left out: the suite pretends, between core and the binder.
   */
  holdAnswers?(world: World): Promise<() => Promise<void>>;
  /**
   * Absolute path of a plain JavaScript program that calls {@link childProgram} with the binder's module. For checks on
   * signals, crashes and the end of a process, which need a process of their own. Left out: these are skipped.
   */
  readonly childProgram?: string;
  /** Checks of this binder alone, run in the same way after the common ones. */
  readonly checks?: readonly Check[];
}

/** A broker with a back door, through which the suite looks at what really arrived. */
export interface World {
  /** The binder's module, connected to this world's broker. Applications of the suite register it. */
  readonly module: BinderModule;
  /** The binder's options for this broker, as under `binders.<name>` of a configuration but without `type`. Default: none. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** The binder's own options for every consumer, as under `consumer.native` of a binding. Default: none. */
  readonly consumer?: Readonly<Record<string, unknown>>;
  /**
   * For brokers that forget what was consumed: called with each destination before anything is sent to it, so that the
   * subject can keep copies for {@link readRecords}. Called again with the same name. Left out: nothing has to be kept.
   */
  watch?(destination: string): Promise<void>;
  /** All records the destination ever held, in the order of each partition; none where there is no such destination. */
  readRecords(destination: string): Promise<readonly RawRecord[]>;
  /**
   * All dead letters of the group. Headers under the names of `deadLetterHeaderNames` and as plain values: a binder that
   * writes the reason in another tradition (Kafka: binary numbers) turns it back here.
   */
  readDeadLetters(destination: string, group: string): Promise<readonly RawRecord[]>;
  /** Writes bytes as a foreign program would, adding no header. Creates the destination where needed. */
  publishRaw(destination: string, record: ForeignRecord): Promise<void>;
  /** Called after the last check: closes the back door. */
  close?(): Promise<void>;
}

/** A record as the broker holds it. */
export interface RawRecord {
  readonly payload: Uint8Array | null;
  readonly headers: MessageHeaders;
  readonly key?: string | undefined;
  /** Left out where the destination has no partitions. */
  readonly partition?: number | undefined;
}

/** Bytes of another program. */
export interface ForeignRecord {
  readonly payload: Uint8Array;
  readonly headers?: MessageHeaders;
  readonly key?: string;
}
