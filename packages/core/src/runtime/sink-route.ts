import type { Source } from '../decorators/source';
import { Message } from '../message/message';
import { forwardedHeaders } from '../pipeline/forwarded-headers';
import type { HandlerRoute } from '../pipeline/handler-route';
import type { SinkWiring } from './wiring';

type Method = (...args: unknown[]) => unknown;

/** Calls a sink's method on its instance, and sends what a processor returns. */
export function routeOf(wiring: SinkWiring, instance: object, output: Source<unknown> | undefined): HandlerRoute {
  const { owner, channel, when } = wiring;
  const base = { owner, channel, handle: callOf(wiring, instance) };
  const route: HandlerRoute = when === undefined ? base : { ...base, accepts: (message) => when(message.payload as never, message as never) };
  return output === undefined ? route : { ...route, publish: (result, input) => publishAll(result, input, output) };
}

function callOf({ method, receive }: SinkWiring, instance: object): HandlerRoute['handle'] {
  const target = instance as Record<string | symbol, Method>;
  const takesMessages = receive === 'message';
  return (input, signal) => {
    if (takesMessages) return target[method]?.(input, signal);
    const payload = Array.isArray(input) ? input.map((message) => message.payload) : input.payload;
    return target[method]?.(payload, input, signal);
  };
}

/** A list is several messages, nothing is none. Sent at once, in order; the first refusal fails the attempt. */
export async function publishAll(result: unknown, input: Message<unknown> | undefined, output: Source<unknown>): Promise<void> {
  const results = Array.isArray(result) ? result : [result];
  const forwarded = input === undefined ? {} : forwardedHeaders(input.headers);
  const sends = results
    .filter((item) => item !== undefined && item !== null)
    .map((item) => (item instanceof Message ? item : new Message<unknown>(item)))
    .map((message) => output.send(message, { headers: { ...forwarded, ...message.headers } }));
  for (const send of await Promise.allSettled(sends)) if (send.status === 'rejected') throw send.reason;
}
