import { types } from 'node:util';
import type { InboundRecord } from '../binder/record';
import type { CodecRegistry } from '../codec/codec-registry';
import { MillraceError } from '../errors/millrace-error';
import { headerCopies } from '../message/header-copies';
import type { MessageHeaders } from '../message/headers';
import { type Delivery, Message } from '../message/message';
import type { HandlerRoute } from './handler-route';
import type { Routes } from './routes';

export interface DecoderParts {
  readonly binding: string;
  readonly channel: string;
  readonly group: string | undefined;
  /** Content type of records that name none. */
  readonly contentType: string | undefined;
  readonly maxBytes: number;
  readonly maxHeaders: number;
  readonly routes: Routes;
  readonly codecs: CodecRegistry;
}

/** A decoded message and the sinks of its class. */
export interface Decoded {
  readonly message: Message<unknown>;
  readonly routes: readonly HandlerRoute[];
}

/** The first step of every attempt. */
export interface RecordDecoder {
  /** At once, unless it takes its time. @throws whatever is wrong with the record */
  decode(record: InboundRecord, attempt: number): Decoded | Promise<Decoded>;
}

/** Record → message. Anew for each attempt, so that a handler which changes its payload does not spoil the next. */
export class Decoder implements RecordDecoder {
  readonly #parts: DecoderParts;

  constructor(parts: DecoderParts) {
    this.#parts = parts;
  }

  /** At once, unless the codec or schema takes its time. @throws MillraceError with the reason, for the dead letter */
  decode(record: InboundRecord, attempt: number): Decoded | Promise<Decoded> {
    const { binding, channel, maxBytes, maxHeaders, routes: all, codecs, contentType } = this.#parts;
    const { payload, headers } = record;
    if (hasMoreThan(maxHeaders, headers))
      throw new MillraceError('HEADERS_TOO_MANY', `the record has more than maxHeaders ${maxHeaders} of '${binding}'`);
    const routes = all.for(headers);
    const [route] = routes;
    if (payload === null)
      throw new MillraceError(
        'PAYLOAD_UNDECODABLE',
        `channel '${channel}' got a record without a payload (a tombstone)`,
      );
    if (payload.byteLength > maxBytes) {
      throw new MillraceError(
        'PAYLOAD_TOO_LARGE',
        `the payload has ${payload.byteLength} bytes, more than maxBytes ${maxBytes} of '${binding}'`,
      );
    }
    const decoded = codecs.decode(payload, (route as HandlerRoute).channel, headers, contentType);
    return types.isPromise(decoded)
      ? this.#decodeLater(decoded, record, attempt, routes)
      : this.#decoded(decoded, record, attempt, routes);
  }

  #decodeLater(
    decoding: Promise<unknown>,
    record: InboundRecord,
    attempt: number,
    routes: readonly HandlerRoute[],
  ): Promise<Decoded> {
    return decoding.then((body) => this.#decoded(body, record, attempt, routes));
  }

  #decoded(body: unknown, record: InboundRecord, attempt: number, routes: readonly HandlerRoute[]): Decoded {
    const options = { key: record.key, delivery: this.#delivery(record, attempt) };
    return { message: new Message(body, headerCopies(record.headers), options), routes };
  }

  #delivery(record: InboundRecord, attempt: number): Delivery {
    const { channel, group } = this.#parts;
    const { destination, key, partition, position, timestamp } = record;
    return { channel, destination, group, key, partition, position, attempt, timestamp };
  }
}

/** Looks at no more of them than it has to. */
function hasMoreThan(most: number, headers: MessageHeaders): boolean {
  let count = 0;
  for (const _ in headers) {
    count += 1;
    if (count > most) return true;
  }
  return false;
}
