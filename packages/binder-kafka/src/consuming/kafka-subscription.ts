import type { Logger } from '@millrace/core/spi';
import { bindFailed, isPermanent } from '../kafka-errors';
import type { ConsumerPort, Position, TopicPartition } from '../kafka-port';

export interface SubscriptionOptions {
  readonly binding: string;
  /** The topics wanted by now; provisions what is missing. */
  readonly topics: () => Promise<readonly string[]>;
  /** A new client that reads the topics. `crashed` is called when it is of no more use. */
  readonly open: (
    topics: readonly string[],
    crashed: (error: Error) => void,
    formers: readonly string[],
  ) => ConsumerPort;
  /** Lets go of what is in hand and commits it, before a client is given up that still works. */
  readonly letGo: () => Promise<void>;
  /** The client is of no more use: what it was given may go to others as soon as another one takes its place. */
  readonly lost: () => void;
  readonly report: (trouble: Error | undefined) => void;
  /** How long the first start may wait for a broker that is away. */
  readonly startTimeout: number;
  readonly logger: Logger;
}

const FIRST_BACK_OFF_MS = 250;
const LONGEST_BACK_OFF_MS = 5_000;
const CLOSE_LIMIT_MS = 5_000;
const CRASH_CLOSE_LIMIT_MS = 500;
/** A client that lives so long is well. */
const WELL_AFTER_MS = 5_000;

/**
 * Keeps a client of a group alive: kafkajs gives up for good on some errors and says so only in an event (traps 1 to 3); then a
 * new one is made, with growing pauses, and the health knows. One change at a time.
 */
export class KafkaSubscription {
  readonly #options: SubscriptionOptions;
  #client: ConsumerPort | undefined;
  #topics: readonly string[] = [];
  /** What the group may still count as members of the clients before. */
  #formers: readonly string[] = [];
  #last: Promise<unknown> = Promise.resolve();
  #isEnded = false;
  #wake: (() => void) | undefined;
  /** Crashes in a row, each soon after the one before. */
  #crashes = 0;
  #well: NodeJS.Timeout | undefined;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
  }

  /** Resolves when the member has its partitions; without any topic yet, at once. */
  async start(): Promise<void> {
    const deadline = Date.now() + this.#options.startTimeout;
    await this.#inTurn(async () => {
      for (let tries = 0; ; tries += 1) {
        try {
          await this.#open();
          return;
        } catch (error) {
          await this.#drop(CRASH_CLOSE_LIMIT_MS);
          if (this.#isEnded || isPermanent(error) || Date.now() >= deadline)
            throw bindFailed(this.#options.binding, error);
          await this.#rest(tries);
        }
      }
    });
  }

  /** Reads other topics from now on, if they have changed. */
  refresh(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#isEnded) return;
      const wanted = await this.#options.topics();
      if (this.#isEnded || sameNames(wanted, this.#topics)) return;
      if (this.#client !== undefined) await this.#options.letGo();
      await this.#drop(CLOSE_LIMIT_MS);
      await this.#reopen();
    });
  }

  pause(partition: TopicPartition): void {
    this.#client?.pause(partition);
  }

  resume(partition: TopicPartition): void {
    this.#client?.resume(partition);
  }

  commit(positions: readonly Position[]): Promise<void> {
    return this.#client?.commit(positions) ?? Promise.reject(new Error('no client just now'));
  }

  confirm(): Promise<void> {
    return this.#client?.confirm() ?? Promise.reject(new Error('no client just now'));
  }

  committed(partition: TopicPartition): Promise<string | undefined> {
    return this.#client?.committed(partition) ?? Promise.reject(new Error('no client just now'));
  }

  /** Joins the group anew, as after a crash. */
  rejoin(error: Error): void {
    if (this.#client !== undefined) this.#crashed(this.#client, error);
  }

  async end(): Promise<void> {
    this.#isEnded = true;
    clearTimeout(this.#well);
    this.#wake?.();
    const client = this.#client;
    this.#client = undefined;
    await client?.disconnect(CLOSE_LIMIT_MS);
    await this.#last.catch(() => undefined);
    await this.#drop(CLOSE_LIMIT_MS);
  }

  async #open(): Promise<void> {
    this.#topics = await this.#options.topics();
    if (this.#topics.length === 0 || this.#isEnded) return;
    const client = this.#options.open(this.#topics, (error) => this.#crashed(client, error), this.#formers);
    this.#client = client;
    await client.start();
  }

  #crashed(client: ConsumerPort, error: Error): void {
    if (this.#isEnded || this.#client !== client) return;
    const { binding, logger, report, lost } = this.#options;
    lost();
    clearTimeout(this.#well);
    const crashes = this.#crashes;
    this.#crashes += 1;
    report(bindFailed(binding, error));
    logger.warn({ binding, err: error }, 'the consumer has crashed; a new one is made');
    void this.#inTurn(async () => {
      if (this.#client !== client) return;
      await this.#drop(CRASH_CLOSE_LIMIT_MS);
      await this.#reopen(crashes);
    });
  }

  async #reopen(first = 0): Promise<void> {
    for (let tries = first; !this.#isEnded; tries += 1) {
      try {
        await this.#rest(tries);
        if (!this.#isEnded) await this.#open();
        this.#isWell(first === 0 ? 0 : WELL_AFTER_MS);
        return;
      } catch (error) {
        await this.#drop(CRASH_CLOSE_LIMIT_MS);
        if (!this.#isEnded) this.#options.report(bindFailed(this.#options.binding, error));
      }
    }
  }

  /** One that crashed again and again has to live for a while before it counts as well. */
  #isWell(afterMs: number): void {
    if (this.#isEnded) return;
    if (afterMs === 0) this.#options.report(undefined);
    clearTimeout(this.#well);
    this.#well = setTimeout(() => {
      this.#crashes = 0;
      if (afterMs > 0) this.#options.report(undefined);
    }, WELL_AFTER_MS);
  }

  async #drop(limitMs: number): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined) return;
    await client.disconnect(limitMs);
    // Its farewell may not have reached the group.
    this.#formers = client.memberIds;
  }

  /** Grows, and differs among the members of a group, so that they do not all come back at the same moment. */
  async #rest(tries: number): Promise<void> {
    if (this.#isEnded || tries === 0) return;
    const longest = Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** (tries - 1));
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, longest * (0.5 + Math.random() / 2));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    const result = this.#last.then(change);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

function sameNames(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name) => other.includes(name));
}
