import type { Message } from '../message/message';

/** Where a message is on its way in. */
export interface InboundContext {
  /** `orders/baristas`. */
  readonly binding: string;
  readonly group: string | undefined;
  /** The sink: `Barista.brew`. */
  readonly owner: string;
  /** Fires at the handler's timeout and at the drain deadline. */
  readonly signal: AbortSignal;
}

/** Where a message is on its way out. */
export interface OutboundContext {
  /** `orders`. */
  readonly binding: string;
  readonly destination: string;
}

/**
 * Wraps the way of messages. The first of a list is the outermost: first in, last out.
 *
 * | stage | wraps | a throw |
 * |---|---|---|
 * | `inbound` | each attempt of a handler, inside retry and timeout; sees the decoded message | fails the attempt: retried, then dead-lettered |
 * | `inboundBatch` | the same for batch sinks | fails the batch |
 * | `outbound` | each send, before headers are checked and the payload is encoded | rejects the send; nothing is sent |
 *
 * ```ts
 * const tenant: Middleware = {
 *   name: 'tenant',
 *   outbound: (message, _context, next) => next(message.withHeader('tenant', currentTenant())),
 * };
 * ```
 */
export interface Middleware {
  readonly name: string;
  inbound?(
    message: Message<unknown>,
    context: InboundContext,
    next: (message: Message<unknown>) => Promise<unknown>,
  ): unknown;
  inboundBatch?(
    messages: Message<unknown>[],
    context: InboundContext,
    next: (messages: Message<unknown>[]) => Promise<unknown>,
  ): unknown;
  outbound?(
    message: Message<unknown>,
    context: OutboundContext,
    next: (message: Message<unknown>) => Promise<void>,
  ): Promise<void>;
}

/** One step of a composed chain. */
export type Step<M, C, R> = (input: M, context: C, next: (input: M) => Promise<R>) => R | Promise<R>;

/** Joins the steps to one; `undefined` where there is none, so that the common case costs nothing. */
export function compose<M, C, R>(steps: readonly Step<M, C, R>[]): Step<M, C, R> | undefined {
  if (steps.length === 0) return undefined;
  return (input, context, last) => {
    const from =
      (index: number) =>
      async (current: M): Promise<R> => {
        const step = steps[index];
        return step === undefined ? last(current) : step(current, context, from(index + 1));
      };
    return from(0)(input);
  };
}
