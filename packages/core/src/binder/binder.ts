import type { ZodType } from 'zod';
import type { Logger } from '../observe/logger';
import type { Capabilities } from './capabilities';
import type { DeadLetter, Deliver, OutboundRecord } from './record';

/**
 * The contract between core and a broker. Core calls each binding's methods in turn (open once, close once), so a binder
 * keeps no state machine of its own. Names and addresses in errors, never credentials.
 */
// #region contract
export interface Binder {
  readonly capabilities: Capabilities;
  /** Connects where needed, provisions the destination and the required groups, and resolves when records can be sent. */
  bindProducer(request: ProducerRequest): Promise<ProducerBinding>;
  /** Provisions, subscribes, and resolves when records will arrive. Deliveries may begin before it resolves. */
  bindConsumer(request: ConsumerRequest): Promise<ConsumerBinding>;
  /** Whether it has its connection just now; for health. Answers at once, without asking the broker. */
  connected?(): boolean;
  /** Called last, after every binding is closed: ends connections, so that the process can exit. */
  close(): Promise<void>;
}

export interface ProducerBinding {
  /**
   * Resolves when the broker has the record for good (acks=all, publisher confirm); rejects when it has not. Records sent in
   * turn with one key stay in order. Waits, and does not queue without limit, while the broker is slow.
   */
  send(record: OutboundRecord): Promise<void>;
  /** What it knows of itself just now; for health. */
  vitals?(): BindingVitals;
  /** Waits until everything sent is settled, then lets go. */
  close(): Promise<void>;
}

export interface ConsumerBinding {
  /** Writes a dead letter, provisioned when the binding was made; resolves when the broker has it, as `send` does. */
  deadLetter?(letter: DeadLetter): Promise<void>;
  /** Stops handing over new records; open deliveries go on and are settled as usual. */
  pause?(): Promise<void>;
  resume?(): Promise<void>;
  /** What it knows of itself just now; for health. */
  vitals?(): BindingVitals;
  /** Stops handing over records at once, then waits for the open deliveries (core resolves them all) and settles them. */
  close(): Promise<void>;
}

/** What a binder knows of one binding at this moment, without asking the broker. What it does not know it leaves out. */
export interface BindingVitals {
  /** Records of the group that are not finished, by the broker's last word. */
  readonly lag?: number | undefined;
  /**
   * Milliseconds since the client last heard from the broker for this binding, be it that there is nothing new. Left out while
   * it takes nothing in: paused, or with `prefetch` deliveries open.
   */
  readonly silentMs?: number | undefined;
  /** Why the broker takes or gives nothing: `memory alarm`. */
  readonly blocked?: string | undefined;
}
// #endregion contract

/** What both kinds of binding are told. */
export interface BindingRequest {
  /** Name of the binding for logs and errors: `orders` or `orders/baristas`. */
  readonly binding: string;
  /** The `native` part of the binding's configuration, checked by the binder module's own schema. */
  readonly native: unknown;
  /** Tells core about trouble that no call can reject with, such as a lost connection; and about its end (`undefined`). */
  readonly report: (trouble: Error | undefined) => void;
}

export interface ProducerRequest extends BindingRequest {
  readonly destination: string;
  /** Wanted number of partitions, when core chooses the partition. */
  readonly partitionCount: number | undefined;
  /** Groups whose copy must be kept from now on, even before their first consumer appears. */
  readonly requiredGroups: readonly string[];
}

export interface ConsumerRequest extends BindingRequest {
  /** One or more topics or exchanges, read as one stream. */
  readonly destinations: readonly string[];
  /** Shared by its members. `undefined`: a broadcast consumer, with its own live copy of which nothing is kept. */
  readonly group: string | undefined;
  /** Handlers that may run at once. */
  readonly concurrency: number;
  /** Most deliveries that may be open at once; a binder hands over no more, which bounds the memory. */
  readonly prefetch: number;
  /** Where dead letters go; `undefined` destinations mean the binder's own naming. `undefined`: none are written. */
  readonly deadLetter: DeadLetterTarget | undefined;
  /** Delays in milliseconds that `requeue` will ask for by configuration; known beforehand for provisioning. */
  readonly delays: readonly number[];
  /** Static share of the partitions, where the application was given one: partitions with `partition % count === index`. */
  readonly instance: { readonly index: number; readonly count: number } | undefined;
  /**
   * Outputs that name the record's {@link UnitOfWork}, its dead letter and its settlement are to take effect together, or not at
   * all. Only asked of binders that claim `exactlyOnce`, and of a group. Default `false`.
   */
  readonly exactlyOnce?: boolean | undefined;
  readonly deliver: Deliver;
}

export interface DeadLetterTarget {
  readonly destination: string | undefined;
  /** For `invalid` records, where they go elsewhere than `failed` ones. */
  readonly invalidDestination: string | undefined;
}

/** What a binder package exports under the name `binder`; found by the `type` of a binder's configuration. */
export interface BinderModule<Options = unknown> {
  /** `memory` for the package `@millrace/binder-memory`. */
  readonly type: string;
  /** Strict schemas of the binder's own options, and of the `native` part of producer and consumer options. */
  readonly options: ZodType<Options>;
  readonly producerOptions: ZodType;
  readonly consumerOptions: ZodType;
  create(context: BinderContext<Options>): Binder | Promise<Binder>;
}

export interface BinderContext<Options> {
  /** Name of this binder in the configuration; several binders may be of one type. */
  readonly name: string;
  readonly options: Options;
  /** Name of the application, for client ids and connection names. */
  readonly app: string;
  readonly logger: Logger;
}

/** Gives a binder module its types: `export const binder = defineBinder({ … })`. */
export function defineBinder<Options>(module: BinderModule<Options>): BinderModule<Options> {
  return Object.freeze(module);
}
