import { type HeaderValue, headerNames } from '../message/headers';
import type { Message } from '../message/message';

const passedThrough = [headerNames.traceparent, headerNames.tracestate, headerNames.baggage] as const;

/**
 * Adds who a message is and where it comes from. A message sent inside a handler joins the conversation of the one being handled,
 * names it as its cause and carries its trace on; any other begins a conversation of its own. What the sender set stays.
 */
export function addIdentity(
  headers: Record<string, HeaderValue>,
  id: string,
  cause: Message<unknown> | undefined,
): void {
  headers[headerNames.id] = id;
  if (headers[headerNames.correlationId] === undefined)
    headers[headerNames.correlationId] = cause?.correlationId ?? cause?.id ?? id;
  if (cause === undefined) return;
  if (cause.id !== undefined) headers[headerNames.causationId] = cause.id;
  for (const name of passedThrough) {
    const value = cause.headers[name];
    if (value !== undefined && headers[name] === undefined) headers[name] = value;
  }
}
