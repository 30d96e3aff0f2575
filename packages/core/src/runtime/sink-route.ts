import type { ChannelToken } from '../channel/channel';
import type { Source } from '../decorators/source';
import type { MessageHeaders } from '../message/headers';
import { Message, noHeaders } from '../message/message';
import { isEmittedAsSynchronous } from '../metadata/metadata-store';
import type { SinkOptions } from '../metadata/stream-metadata';
import { allSent } from '../pipeline/all-sent';
import { forwardedHeaders, ownHeaders } from '../pipeline/forwarded-headers';
import type { HandlerRoute } from '../pipeline/handler-route';
import { takesArgument } from './takes-argument';
import type { SinkWiring } from './wiring';

/** What a sink says of itself, with or without a class behind it. */
export interface SinkFacts {
  readonly owner: string;
  readonly channel: ChannelToken<unknown>;
  readonly receive: 'payload' | 'message';
  readonly when: SinkOptions<never>['when'];
  readonly messageId: SinkOptions<never>['messageId'];
}

type UserCode = (...args: unknown[]) => unknown;

/**
 * Gives the user's code its arguments: payload, message, signal; or message, signal. Lists of them for a batch. A signal is
 * made only for code that can see it.
 *
 * @param current the function that `call` calls, where it can be replaced in the meantime
 */
export function routeTo(
  { owner, channel, receive, when, messageId }: SinkFacts,
  call: UserCode,
  current: () => UserCode | undefined = () => call,
): HandlerRoute {
  const signalFor = (index: number, signal: () => AbortSignal): AbortSignal | undefined => {
    const code = current();
    return code === undefined || takesArgument(code, index) ? signal() : undefined;
  };
  const handle: HandlerRoute['handle'] =
    receive === 'message'
      ? (input, signal) => call(input, signalFor(1, signal))
      : (input, signal) =>
          call(Array.isArray(input) ? input.map(({ payload }) => payload) : input.payload, input, signalFor(2, signal));
  return {
    owner,
    channel,
    handle,
    ...(when && { accepts: (message) => when(message.payload as never, message as never) }),
    ...(messageId && { messageId: (message) => messageId(message.payload as never, message as never) }),
  };
}

/** Calls a sink's method on its instance, and sends what a processor returns. */
export function routeOf(wiring: SinkWiring, instance: object, output: Source<unknown> | undefined): HandlerRoute {
  const target = instance as Record<string | symbol, UserCode>;
  const route = routeTo(
    wiring,
    (...args) => target[wiring.method]?.(...args),
    () => target[wiring.method],
  );
  const isSynchronous = isEmittedAsSynchronous(wiring.component.prototype as object, wiring.method);
  return {
    ...route,
    isSynchronous,
    ...(output && { publish: (result, input) => publishAll(result, input, output) }),
  };
}

/** A list is several messages, nothing is none. Sent at once, in order; the first refusal fails the attempt. */
export function publishAll(
  result: unknown,
  input: Message<unknown> | undefined,
  output: Source<unknown>,
): Promise<void> | undefined {
  if (result === undefined || result === null) return undefined;
  const forwarded = input === undefined ? noHeaders : forwardedHeaders(input.headers);
  if (!Array.isArray(result)) return sendOn(result, forwarded, output);
  const sends = result
    .filter((item) => item !== undefined && item !== null)
    .map((item) => sendOn(item, forwarded, output));
  return allSent(sends);
}

function sendOn(item: unknown, forwarded: MessageHeaders, output: Source<unknown>): Promise<void> {
  // The usual case: nothing to take over.
  if (forwarded === noHeaders) return output.send(item);
  const message = item instanceof Message ? item : new Message<unknown>(item);
  return output.send(message, { headers: { ...forwarded, ...ownHeaders(message) } });
}
