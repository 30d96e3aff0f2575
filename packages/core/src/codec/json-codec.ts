import { types } from 'node:util';
import type { ChannelToken } from '../channel/channel';
import { MillraceError } from '../errors/millrace-error';
import type { MessageHeaders } from '../message/headers';
import { classToJson, jsonToClass, plainOf } from './class-payload';
import type { Codec } from './codec';
import { requireUtf8 } from './content-type';
import { isTooDeep, MAX_JSON_DEPTH } from './json-depth';
import { parseJson } from './parse-json';
import { fromPlain, toJson } from './plain-payload';
import { UNSURE } from './plan/planned-work';
import { checkBySchema } from './schema-payload';
import { isCurrentVersion } from './upcast';
import { readUtf8, textOf, writeUtf8 } from './utf8';

/**
 * JSON in UTF-8, as RFC 8259. Classes are built by class-transformer and checked by class-validator, or a schema does both,
 * on the way in and on the way out. Text goes as it is, without quotes, as Spring Cloud Stream writes it.
 */
export const jsonCodec: Codec = Object.freeze({
  contentTypes: ['application/json'],
  kinds: ['class', 'schema', 'text'] as const,

  encode(
    payload: unknown,
    channel: ChannelToken<unknown>,
    _headers: MessageHeaders,
    contentType: string,
  ): Uint8Array | Promise<Uint8Array> {
    requireUtf8(contentType);
    if (channel.kind === 'class') return encodeClass(payload, channel);
    if (channel.kind === 'text') return writeUtf8(payload as string, `the text for channel '${channel.name}'`);
    return encodeBySchema(payload, channel);
  },

  decode(bytes: Uint8Array, channel: ChannelToken<unknown>, headers: MessageHeaders, contentType: string): unknown {
    requireUtf8(contentType);
    if (channel.kind === 'class') return decodeClass(bytes, channel, headers);
    if (channel.kind === 'text') return unquoted(readUtf8(bytes, expectation(channel)));
    return fromPlain(parseJson(bytes, expectation(channel), false), channel, headers);
  },
});

function encodeClass(payload: unknown, channel: ChannelToken<unknown>): Uint8Array {
  const text = classToJson(payload, channel);
  return text === UNSURE ? bytesOf(toJson(plainOf(payload, channel), channel), channel) : Buffer.from(text, 'utf8');
}

/** The quick way for what is right; whatever may be wrong goes the careful way, which says what it is. */
function decodeClass(bytes: Uint8Array, channel: ChannelToken<unknown>, headers: MessageHeaders): unknown {
  const text = isCurrentVersion(channel, headers) ? textOf(bytes) : undefined;
  const instance = text === undefined ? UNSURE : jsonToClass(text, channel);
  return instance === UNSURE ? fromPlain(parseJson(bytes, expectation(channel), true), channel, headers) : instance;
}

function expectation({ name, payloadName }: ChannelToken<unknown>): string {
  return `channel '${name}' expects JSON of ${payloadName}`;
}

/** What will be read is what is checked: the JSON, not the value it was made from. */
function encodeBySchema(payload: unknown, channel: ChannelToken<unknown>): Uint8Array | Promise<Uint8Array> {
  const text = toJson(payload, channel);
  const bytes = bytesOf(text, channel);
  const checked = checkBySchema(JSON.parse(text), channel, 'was refused, and not sent,');
  return types.isPromise(checked) ? checked.then(() => bytes) : bytes;
}

/** @throws MillraceError ENCODING_FAILED for what nobody would read */
function bytesOf(text: string, channel: ChannelToken<unknown>): Uint8Array {
  if (!isTooDeep(text)) return Buffer.from(text, 'utf8');
  throw new MillraceError(
    'ENCODING_FAILED',
    `${channel.payloadName} for channel '${channel.name}' is nested more than ${MAX_JSON_DEPTH} deep`,
  );
}

/** Text under a JSON content type: a JSON string where it is one, otherwise the raw text. */
function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : text;
  } catch {
    return text;
  }
}
