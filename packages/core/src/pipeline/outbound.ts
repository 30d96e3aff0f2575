import { randomUUID } from 'node:crypto';
import type { ChannelToken } from '../channel/channel';
import { type CodecRegistry, DEFAULT_CONTENT_TYPE } from '../codec/codec-registry';
import type { OutboundRecord } from '../binder/record';
import { describeError } from '../errors/describe-error';
import { MillraceError } from '../errors/millrace-error';
import { checkedHeaders } from '../message/header-rules';
import { type HeaderValue, headerNames } from '../message/headers';
import { Message } from '../message/message';
import type { SendOptions } from '../message/send-options';
import type { Events } from '../observe/events';
import type { KeyReader } from './key';

/** Sends one record, and knows where to. */
export interface RecordSender {
  readonly destination: string;
  send(record: OutboundRecord): Promise<void>;
}

export interface OutboundParts {
  readonly binding: string;
  readonly channel: ChannelToken<unknown>;
  readonly contentType: string | undefined;
  readonly keyOf: KeyReader;
  readonly codecs: CodecRegistry;
  readonly events: Events;
  /** The channel's own destination, or another one named at the call. */
  readonly senderFor: (destination: string | undefined) => RecordSender;
}

/** The way out: payload → message → headers, key → bytes → broker. Rejects with a MillraceError; then nothing was acknowledged. */
export class Outbound {
  readonly #parts: OutboundParts;

  constructor(parts: OutboundParts) {
    this.#parts = parts;
  }

  async send(payload: unknown, options: SendOptions = {}): Promise<void> {
    const message = payload instanceof Message ? payload : new Message(payload);
    const id = randomUUID();
    const record = this.#record(message, options, id);
    await this.#publish(this.#parts.senderFor(options.destination), record, id);
  }

  #record(message: Message<unknown>, options: SendOptions, id: string): OutboundRecord {
    const { channel, codecs, keyOf } = this.#parts;
    const payload = this.#checkedPayload(message.payload);
    const given = options.headers === undefined ? message.headers : { ...message.headers, ...options.headers };
    const headers: Record<string, HeaderValue> = checkedHeaders(given, channel.name);
    const stated = headers[headerNames.contentType];
    const contentType = typeof stated === 'string' ? stated : (this.#parts.contentType ?? DEFAULT_CONTENT_TYPE);
    headers[headerNames.contentType] = contentType;
    headers[headerNames.id] = id;
    const key = options.key ?? message.key ?? keyOf(payload);
    return { payload: codecs.codecFor(contentType).encode(payload, channel), headers: Object.freeze(headers), key, timestamp: new Date() };
  }

  #checkedPayload(payload: unknown): unknown {
    const { channel } = this.#parts;
    if (payload instanceof (channel.payloadClass as unknown as new () => unknown)) return payload;
    const found = payload === null || typeof payload !== 'object' ? String(payload) : `an instance of ${payload.constructor?.name ?? 'no class'}`;
    throw new MillraceError('PAYLOAD_MISMATCH', `channel '${channel.name}' carries ${channel.payloadName}, but ${found} was sent. Nothing was sent`);
  }

  async #publish(sender: RecordSender, record: OutboundRecord, messageId: string): Promise<void> {
    const { binding, events } = this.#parts;
    const startedAt = events.listens('send') ? performance.now() : undefined;
    let failure: MillraceError | undefined;
    try {
      await sender.send(record);
    } catch (cause) {
      failure = MillraceError.is(cause)
        ? cause
        : new MillraceError('SEND_FAILED', `'${binding}' could not send to '${sender.destination}': ${describeError(cause).message}`, { cause });
    }
    if (startedAt !== undefined) {
      events.emit('send', { binding, destination: sender.destination, durationMs: performance.now() - startedAt, error: failure, messageId });
    }
    if (failure !== undefined) throw failure;
  }
}
