import { type HeaderValue, headerNames, type MessageHeaders } from '../message/headers';
import type { Message } from '../message/message';

const passedThrough = [headerNames.traceparent, headerNames.tracestate, headerNames.baggage] as const;

/**
 * Who a message is and where it comes from. A message sent inside a handler joins the conversation of the one being handled,
 * names it as its cause and carries its trace on; any other begins a conversation of its own. What the sender set stays.
 */
export function identityHeaders(id: string, own: MessageHeaders, cause: Message<unknown> | undefined): MessageHeaders {
  const headers: Record<string, HeaderValue> = { [headerNames.id]: id };
  if (own[headerNames.correlationId] === undefined)
    headers[headerNames.correlationId] = cause?.correlationId ?? cause?.id ?? id;
  if (cause === undefined) return headers;
  if (cause.id !== undefined) headers[headerNames.causationId] = cause.id;
  for (const name of passedThrough) {
    const value = cause.headers[name];
    if (value !== undefined && own[name] === undefined) headers[name] = value;
  }
  return headers;
}
