import { headerNames, isReservedHeader, type MessageHeaders } from '../message/headers';
import type { Message } from '../message/message';

/**
 * What a processor's output takes over from its input: the user's own headers, as Spring Cloud Stream does for a returned
 * value. Never the content type, and nothing that belongs to the transport.
 */
export function forwardedHeaders(input: MessageHeaders): MessageHeaders {
  const names = Object.keys(input).filter((name) => name !== headerNames.contentType && !isReservedHeader(name));
  return Object.fromEntries(names.map((name) => [name, input[name] ?? null]));
}

/** The headers of a message as far as they are its sender's: a received one leaves behind what belonged to its transport. */
export function ownHeaders(message: Message<unknown>): MessageHeaders {
  return message.delivery === undefined ? message.headers : forwardedHeaders(message.headers);
}
