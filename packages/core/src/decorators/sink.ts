import type { ChannelReference } from '../channel/channel';
import type { Message } from '../message/message';
import { addSink } from '../metadata/class-metadata';
import type { SinkOptions } from '../metadata/stream-metadata';

/** Takes the payload first. Fewer parameters are fine; a payload of another class does not compile. */
export type PayloadHandler<T> = (payload: T, message: Message<T>, signal: AbortSignal) => unknown;
/** Takes the message first; chosen with `receive: 'message'`. */
export type MessageHandler<T> = (message: Message<T>, signal: AbortSignal) => unknown;

/** Takes lists: payloads and, beside them, their messages. Chosen with `batch`. */
export type BatchHandler<T> = (payloads: T[], messages: Message<T>[], signal: AbortSignal) => unknown;
/** Takes a list of messages; chosen with `batch` and `receive: 'message'`. */
export type MessageBatchHandler<T> = (messages: Message<T>[], signal: AbortSignal) => unknown;

type MethodDecoratorFor<H extends (...args: never[]) => unknown> = <M extends H>(
  target: object,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

/**
 * Binds a method to a channel: it is called with each message of its group. When it returns (or its promise resolves) the
 * message is acknowledged; when it throws, it is retried, then dead-lettered (DESIGN §3, `docs/errors.md`).
 *
 * ```ts
 * @Sink(Order, { group: 'baristas' })
 * async brew(order: Order, message: Message<Order>, signal: AbortSignal): Promise<void> { … }
 * ```
 *
 * Together with `@Source` on the same method it makes a processor: what the method returns is sent on, and the input is
 * acknowledged when the output is.
 */
export function Sink<T>(
  channel: ChannelReference<T>,
  options: SinkOptions<T> & { readonly batch: object | true; readonly receive: 'message' },
): MethodDecoratorFor<MessageBatchHandler<T>>;
export function Sink<T>(
  channel: ChannelReference<T>,
  options: SinkOptions<T> & { readonly batch: object | true; readonly receive?: 'payload' },
): MethodDecoratorFor<BatchHandler<T>>;
export function Sink<T>(
  channel: ChannelReference<T>,
  options: SinkOptions<T> & { readonly receive: 'message'; readonly batch?: undefined },
): MethodDecoratorFor<MessageHandler<T>>;
export function Sink<T>(
  channel: ChannelReference<T>,
  options?: SinkOptions<T> & { readonly receive?: 'payload'; readonly batch?: undefined },
): MethodDecoratorFor<PayloadHandler<T>>;
export function Sink(
  channel: unknown,
  options: SinkOptions<never> = {},
): (target: object, method: string | symbol) => void {
  return (target, method) => {
    const isStatic = typeof target === 'function';
    addSink(isStatic ? target : target.constructor, {
      method,
      channel,
      options: Object.freeze({ ...options }),
      isStatic,
    });
  };
}
