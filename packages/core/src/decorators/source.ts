import type { ChannelReference, ChannelToken } from '../channel/channel';
import type { Message } from '../message/message';
import type { SendOptions } from '../message/send-options';
import { addSource } from '../metadata/class-metadata';
import type { PollOptions } from '../metadata/stream-metadata';

/** Where a class emits to a channel; injected by `@Source`, or taken from `app.source(…)`. */
export interface Source<T> {
  readonly channel: ChannelToken<T>;
  /**
   * Resolves when the broker has the message; waits while the broker is slow. Inside a handler whose outputs wait for its
   * success (`outputs: afterSuccess`, the default of processors) it resolves when the message is checked and encoded; the
   * input is acknowledged only after the broker has it.
   * Rejects with a MillraceError, nothing having been acknowledged: PAYLOAD_MISMATCH, PAYLOAD_INVALID, HEADER_INVALID,
   * ENCODING_FAILED, SEND_FAILED, APPLICATION_STOPPED.
   */
  send(payload: T | Message<T>, options?: SendOptions): Promise<void>;
}

/** What a processor may return: one message, several, or none. */
export type Output<T> = T | Message<T> | readonly (T | Message<T>)[] | null | undefined;

/** `@Source` on a constructor parameter, a method or a property; another payload class does not compile. */
export interface SourceDecorator<T> {
  <C extends abstract new (...args: never[]) => object, I extends number>(
    target: C,
    key: undefined,
    index: I & (ConstructorParameters<C>[I] extends Source<T> ? unknown : never),
  ): void;
  // biome-ignore lint/suspicious/noConfusingVoidType: a method that returns nothing has the type void
  <M extends (...args: never[]) => Output<T> | void | Promise<Output<T> | void>>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<M>,
  ): void;
  <O extends object, K extends string>(
    target: O,
    key: K extends keyof O ? (O[K] extends Source<T> ? K : never) : K,
  ): void;
}

/** `@Source` with a schedule: a method without parameters whose results are published. */
// biome-ignore lint/suspicious/noConfusingVoidType: a method that returns nothing has the type void
export type PolledSourceDecorator<T> = <M extends () => Output<T> | void | Promise<Output<T> | void>>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

/**
 * Joins a class to a channel it emits to.
 *
 * ```ts
 * constructor(@Source(CoffeeReady) private readonly ready: Source<CoffeeReady>) {}   // a sender
 * @Source(CoffeeReady) readonly ready!: Source<CoffeeReady>;                          // the same, set after construction
 * @Sink(Order) @Source(Receipt) bill(order: Order): Receipt { … }                     // a processor
 * @Source(Heartbeat, { every: '5s' }) beat(): Heartbeat { … }                          // a polled source
 * ```
 *
 * A private property of the wrong class is the one thing the compiler cannot see; prefer a constructor parameter.
 */
export function Source<T>(channel: ChannelReference<T>): SourceDecorator<T>;
export function Source<T>(channel: ChannelReference<T>, poll: PollOptions): PolledSourceDecorator<T>;
export function Source<T>(channel: ChannelReference<T>, poll?: PollOptions): SourceDecorator<T> {
  const decorate = (target: object, key: string | symbol | undefined, detail?: number | PropertyDescriptor): void => {
    if (key === undefined && typeof detail === 'number') {
      addSource(target, { place: 'parameter', channel, index: detail });
      return;
    }
    if (key === undefined) return;
    const isStatic = typeof target === 'function';
    const owner = isStatic ? target : target.constructor;
    if (isMethod(target, key, detail)) addSource(owner, { place: 'method', channel, method: key, isStatic, poll });
    else addSource(owner, { place: 'property', channel, property: key, isStatic });
  };
  return decorate as SourceDecorator<T>;
}

function isMethod(target: object, key: string | symbol, detail: number | PropertyDescriptor | undefined): boolean {
  const descriptor = typeof detail === 'object' ? detail : Object.getOwnPropertyDescriptor(target, key);
  return typeof descriptor?.value === 'function';
}
