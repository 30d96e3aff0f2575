import { type HeaderValue, headerNames, isReservedHeader, type MessageHeaders } from '../message/headers';
import { type Message, noHeaders } from '../message/message';

/**
 * What a processor's output takes over from its input: the user's own headers, as Spring Cloud Stream does for a returned
 * value. Never the content type, and nothing that belongs to the transport.
 */
export function forwardedHeaders(input: MessageHeaders): MessageHeaders {
  let forwarded: Record<string, HeaderValue> | undefined;
  for (const name in input) {
    // Nobody may send a header of the second name, and so it cannot be sent on.
    if (name === headerNames.contentType || name === '__proto__' || isReservedHeader(name)) continue;
    forwarded ??= {};
    forwarded[name] = input[name] ?? null;
  }
  return forwarded ?? noHeaders;
}

/** The headers of a message as far as they are its sender's: a received one leaves behind what belonged to its transport. */
export function ownHeaders(message: Message<unknown>): MessageHeaders {
  return message.delivery === undefined ? message.headers : forwardedHeaders(message.headers);
}
