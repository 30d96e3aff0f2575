import type { Source } from '../decorators/source';
import { Message } from '../message/message';
import { forwardedHeaders } from '../pipeline/forwarded-headers';
import type { HandlerRoute } from '../pipeline/handler-route';
import type { SinkWiring } from './wiring';

type AnyMethod = (...args: unknown[]) => unknown;

/** Calls a sink's method on its instance, and sends what a processor returns. */
export function routeOf(wiring: SinkWiring, instance: object, output: Source<unknown> | undefined): HandlerRoute {
  const { owner, method, receive, plan } = wiring;
  const target = instance as Record<string | symbol, AnyMethod>;
  const handle: HandlerRoute['handle'] =
    receive === 'message' ? (message, signal) => target[method]?.(message, signal) : (message, signal) => target[method]?.(message.payload, message, signal);
  if (output === undefined) return { owner, channel: plan.channel, handle };
  return { owner, channel: plan.channel, handle, publish: (result, input) => publishAll(result, input, output) };
}

/** A list is several messages, nothing is none. Sent at once, in order; the first refusal fails the attempt. */
async function publishAll(result: unknown, input: Message<unknown>, output: Source<unknown>): Promise<void> {
  const results = Array.isArray(result) ? result : [result];
  const forwarded = forwardedHeaders(input.headers);
  const sends = results
    .filter((item) => item !== undefined && item !== null)
    .map((item) => (item instanceof Message ? item : new Message<unknown>(item)))
    .map((message) => output.send(message, { headers: { ...forwarded, ...message.headers } }));
  const settled = await Promise.allSettled(sends);
  for (const send of settled) if (send.status === 'rejected') throw send.reason;
}
