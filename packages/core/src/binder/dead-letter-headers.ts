import { hostname } from 'node:os';
import { type HeaderValue, type MessageHeaders, deadLetterHeaderNames as names } from '../message/headers';
import type { DeadLetter } from './record';

/** Longest message and stack trace kept, in characters: with the other headers they stay far below every broker's limit. */
const MAX_MESSAGE = 4_000;
const MAX_STACK = 16_000;

/**
 * The record's own headers and the reason beside them, in plain values. A binder whose broker has a tradition of its own
 * (Kafka: binary numbers) writes that instead. Headers of an earlier dead letter are overwritten, so the last reason counts.
 */
export function deadLetterHeaders(letter: DeadLetter): MessageHeaders {
  const { record } = letter;
  const headers: Record<string, HeaderValue> = { ...record.headers };
  const set = (name: string, value: HeaderValue | undefined): void => {
    if (value === undefined) delete headers[name];
    else headers[name] = value;
  };
  set(names.originalDestination, record.destination);
  set(names.originalPartition, record.partition);
  set(names.originalPosition, record.position);
  set(names.originalTimestamp, record.timestamp?.getTime());
  set(names.errorName, letter.errorName);
  set(names.errorMessage, letter.errorMessage.slice(0, MAX_MESSAGE));
  set(names.errorStack, letter.errorStack?.slice(0, MAX_STACK));
  set(names.kind, letter.kind);
  set(names.code, letter.code);
  set(names.attempts, letter.attempts);
  set(names.time, letter.time.toISOString());
  set(names.group, letter.group);
  set(names.binding, letter.binding);
  set(names.host, hostname());
  return Object.freeze(headers);
}
