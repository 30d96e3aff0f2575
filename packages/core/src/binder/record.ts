import type { MessageHeaders } from '../message/headers';

/** A message on its way out, as bytes. */
export interface OutboundRecord {
  /** `null` is a tombstone; only sent to binders that claim `tombstones`. */
  readonly payload: Uint8Array | null;
  readonly headers: MessageHeaders;
  /** Records with the same key keep their order, and share a partition. */
  readonly key?: string | undefined;
  /** Chosen by core when the binding has a `partitionCount`; otherwise the broker's own partitioner decides. */
  readonly partition?: number | undefined;
  readonly timestamp?: Date | undefined;
  /** What it is an output of, under `exactlyOnce`: then `send` resolves when it is part of that, not when readers see it. */
  readonly unitOfWork?: UnitOfWork | undefined;
}

/** A message as the broker handed it over, as bytes. Core never changes it. */
export interface InboundRecord {
  readonly destination: string;
  readonly payload: Uint8Array | null;
  /** May be a lazy getter: core reads headers only when it needs them. */
  readonly headers: MessageHeaders;
  readonly key?: string | undefined;
  /** Ordered slice it came from; leave out where the destination has none. */
  readonly partition?: number | undefined;
  /** The broker's name for its place (Kafka: the offset); for people and for dead letters. */
  readonly position?: string | undefined;
  readonly timestamp?: Date | undefined;
  /**
   * How often the broker has handed this record out, this time included; 1 where it cannot count. It begins at 1 again when
   * the record comes back from a delay: what was before stands in its headers.
   */
  readonly deliveries: number;
  /**
   * `true` as soon as somebody else may have it: its connection is gone, its partition another's. Core begins no call with such
   * a record and writes no dead letter for it, but answers `requeue`; a call that runs, or waits for the brake, goes on. Never
   * `false` again. May be a getter: it is read before each call. Default: never.
   */
  readonly isRecalled?: boolean | undefined;
}

/**
 * One attempt at a record that was delivered under `exactlyOnce`. What was sent in it and the `ack` that names it take effect
 * together or not at all; outputs of attempts that no `ack` names never do.
 */
export interface UnitOfWork {
  /** The very object that was delivered. */
  readonly record: InboundRecord;
  /** Name of the binder in the configuration that delivered it. */
  readonly binder: string;
}

/**
 * The verdict on a delivered record.
 *
 * | verdict | the binder |
 * |---|---|
 * | `ack` | marks it finished: it is never delivered to this group again. With `unitOfWork` (only under `exactlyOnce`): together with what was sent in that |
 * | `requeue` | gives it back: it is delivered again, to this or another member, in its old place. With `delayMs` (only binders that claim `delayedRequeue`): not before the delay, others go on meanwhile, and `headers` replace its headers |
 * | `reject` | marks it finished without success: not delivered again; a broker with a dead-letter policy of its own may apply it |
 */
export type Settlement =
  | { readonly verdict: 'ack'; readonly unitOfWork?: UnitOfWork | undefined }
  | {
      readonly verdict: 'requeue';
      readonly delayMs?: number | undefined;
      readonly headers?: MessageHeaders | undefined;
    }
  | { readonly verdict: 'reject' };

export const settlements = Object.freeze({
  ack: Object.freeze({ verdict: 'ack' }) as Settlement,
  requeue: Object.freeze({ verdict: 'requeue' }) as Settlement,
  reject: Object.freeze({ verdict: 'reject' }) as Settlement,
});

/**
 * What core answers where a record was acknowledged before `deliver` returned: a handler that is not asynchronous has done its
 * work by then. Always this very promise, so that a binder which looks for it need not wait for the next turn.
 */
export const acknowledged: Promise<Settlement> = Promise.resolve(settlements.ack);

/**
 * Hands one record to core. Always resolves, never rejects, never throws. May be open many times at once: core keeps the
 * order and the limits, so a binder delivers as records arrive, in the order of each partition. The handler may run before it
 * returns.
 */
export type Deliver = (record: InboundRecord) => Promise<Settlement>;

/** A record that could not be handled, with the reason; see `deadLetterHeaders` for the usual encoding. */
export interface DeadLetter {
  readonly record: InboundRecord;
  /** `invalid`: could not be decoded or validated, never reached the handler. `failed`: the handler gave up. */
  readonly kind: 'invalid' | 'failed';
  /** Code of the error where it has one, such as `PAYLOAD_UNDECODABLE`. */
  readonly code: string | undefined;
  readonly errorName: string;
  readonly errorMessage: string;
  readonly errorStack: string | undefined;
  /** Calls of the handler made for it; 0 for `invalid`. */
  readonly attempts: number;
  readonly binding: string;
  readonly group: string | undefined;
  readonly time: Date;
}
