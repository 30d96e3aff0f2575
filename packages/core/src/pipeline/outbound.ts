import { randomUUID } from 'node:crypto';
import { types } from 'node:util';
import type { OutboundRecord, UnitOfWork } from '../binder/record';
import type { ChannelToken } from '../channel/channel';
import type { CodecRegistry } from '../codec/codec-registry';
import { MillraceError } from '../errors/millrace-error';
import { checkedHeaders } from '../message/header-rules';
import { type HeaderValue, headerNames, type MessageHeaders } from '../message/headers';
import { Message } from '../message/message';
import type { SendOptions } from '../message/send-options';
import type { MiddlewareChains } from '../middleware/middleware-chains';
import type { Events } from '../observe/events';
import type { KeyValue } from '../partition/java-hash';
import { held } from './all-sent';
import { ownHeaders } from './forwarded-headers';
import { addIdentity } from './identity';
import type { KeyReader } from './key';
import type { Attempt, MessageContext } from './message-context';

/** AMQP's field for ids takes no more. */
const MAX_ID_BYTES = 255;

/** Sends one record, and knows where to. */
export interface RecordSender {
  readonly destination: string;
  /** Name of its binder in the configuration. */
  readonly binder: string;
  /** Rejects with a MillraceError. */
  send(record: OutboundRecord): Promise<void>;
}

export interface OutboundParts {
  readonly binding: string;
  readonly channel: ChannelToken<unknown>;
  readonly contentType: string | undefined;
  /** Name for the type header; `undefined` where the channel has one class and no need of it. */
  readonly typeName: () => string | undefined;
  readonly keyOf: KeyReader;
  /** Chooses the partition of a key; `undefined` where the broker does. */
  readonly partitionOf: ((key: KeyValue) => number) | undefined;
  readonly codecs: CodecRegistry;
  readonly context: MessageContext;
  readonly middleware: MiddlewareChains;
  readonly events: Events;
  /** The channel's own destination, or another one named at the call. */
  readonly senderFor: (destination: string | undefined) => RecordSender;
}

/** The way out: payload → message → middleware → headers, key, partition → bytes → broker. Rejects with a MillraceError; then nothing was acknowledged. */
export class Outbound {
  readonly #parts: OutboundParts;

  constructor(parts: OutboundParts) {
    this.#parts = parts;
  }

  /** Throws what is known to be wrong at once, rejects with the rest: a Promise for each step costs more than the step. */
  send(payload: unknown, options: SendOptions = {}): Promise<void> {
    const given = payload instanceof Message ? onward(payload) : new Message(payload);
    const message = options.headers === undefined ? given : given.withHeaders(options.headers);
    const sender = this.#parts.senderFor(options.destination);
    const chain = this.#parts.middleware.outbound;
    return chain === undefined
      ? this.#encodeAndSend(message, options, sender)
      : this.#sendThrough(chain, message, options, sender);
  }

  #sendThrough(
    chain: NonNullable<MiddlewareChains['outbound']>,
    message: Message<unknown>,
    options: SendOptions,
    sender: RecordSender,
  ): Promise<void> {
    const context = { binding: this.#parts.binding, destination: sender.destination };
    // `async`, so that middleware around it sees a rejection whatever goes wrong.
    return Promise.resolve(chain(message, context, async (changed) => this.#encodeAndSend(changed, options, sender)));
  }

  /** Sends what an earlier attempt encoded, under the id that it has. */
  resend(destination: string, record: OutboundRecord): Promise<void> {
    const id = record.headers[headerNames.id];
    return this.#publish(this.#parts.senderFor(destination), record, String(id));
  }

  /** Sends what another thread encoded for the attempt that runs here, under the id that it has. */
  forward(destination: string, record: OutboundRecord): Promise<void> {
    const id = String(record.headers[headerNames.id]);
    return this.#holdOrPublish(this.#parts.context.current, this.#parts.senderFor(destination), record, id);
  }

  #encodeAndSend(message: Message<unknown>, options: SendOptions, sender: RecordSender): Promise<void> {
    const attempt = this.#parts.context.current;
    const id = options.id === undefined ? randomUUID() : checkedId(options.id, this.#parts.channel.name);
    const encoded = this.#record(message, options, id, attempt?.message);
    return types.isPromise(encoded)
      ? this.#sendLater(encoded, attempt, sender, id)
      : this.#holdOrPublish(attempt, sender, encoded, id);
  }

  #sendLater(
    encoding: Promise<OutboundRecord>,
    attempt: Attempt | undefined,
    sender: RecordSender,
    id: string,
  ): Promise<void> {
    return encoding.then((record) => this.#holdOrPublish(attempt, sender, record, id));
  }

  #holdOrPublish(
    attempt: Attempt | undefined,
    sender: RecordSender,
    record: OutboundRecord,
    id: string,
  ): Promise<void> {
    if (attempt?.holdsOutputs !== true) return this.#publish(sender, record, id);
    const { unitOfWork } = attempt;
    if (unitOfWork !== undefined && unitOfWork.binder !== sender.binder)
      return Promise.reject(this.#outside(sender, unitOfWork));
    this.#hold(attempt, sender, unitOfWork === undefined ? record : { ...record, unitOfWork }, id);
    return held;
  }

  #hold(attempt: Attempt, sender: RecordSender, record: OutboundRecord, id: string): void {
    const { name } = this.#parts.channel;
    const send = (): Promise<void> => this.#publish(sender, record, id);
    attempt.hold({ channel: name, destination: sender.destination, record, send });
  }

  #outside({ binder }: RecordSender, unitOfWork: UnitOfWork): MillraceError {
    return new MillraceError(
      'OUTSIDE_TRANSACTION',
      `'${this.#parts.binding}' is on binder '${binder}', but the message being handled came from '${unitOfWork.binder}' under exactlyOnce. Nothing was sent`,
    );
  }

  /** At once, unless the codec or schema takes its time. */
  #record(
    message: Message<unknown>,
    options: SendOptions,
    id: string,
    cause: Message<unknown> | undefined,
  ): OutboundRecord | Promise<OutboundRecord> {
    const { channel, codecs, keyOf, partitionOf } = this.#parts;
    const { payload } = message;
    this.#check(payload);
    const headers = checkedHeaders(message.headers, channel.name);
    const contentType = codecs.contentTypeOf(headers, this.#parts.contentType, channel);
    addIdentity(headers, id, cause);
    this.#addShape(headers);
    headers[headerNames.contentType] = contentType;
    Object.freeze(headers);
    const key = options.key ?? keyFor(message, keyOf(payload));
    const partition = key === undefined || partitionOf === undefined ? undefined : partitionOf(key);
    const bytes = codecs.encode(payload, channel, headers, contentType);
    return types.isPromise(bytes)
      ? recordLater(bytes, headers, key, partition)
      : recordOf(bytes, headers, key, partition);
  }

  /** Class and version of the payload, where they are needed to read it. */
  #addShape(headers: Record<string, HeaderValue>): void {
    const type = this.#parts.typeName();
    const { version } = this.#parts.channel.options;
    if (type !== undefined) headers[headerNames.type] = type;
    if (version !== undefined) headers[headerNames.version] = version;
  }

  #check(payload: unknown): void {
    const { channel } = this.#parts;
    if (channel.accepts(payload)) return;
    throw new MillraceError(
      'PAYLOAD_MISMATCH',
      `channel '${channel.name}' carries ${channel.payloadName}, but ${kindOf(payload)} was sent. Nothing was sent`,
    );
  }

  #publish(sender: RecordSender, record: OutboundRecord, messageId: string): Promise<void> {
    const { binding, events } = this.#parts;
    if (!events.listens('send')) return sender.send(record);
    const startedAt = performance.now();
    const { destination } = sender;
    const tell = (error: unknown): void =>
      events.emit('send', { binding, destination, durationMs: performance.now() - startedAt, error, messageId });
    return sender.send(record).then(
      () => tell(undefined),
      (error: unknown) => {
        tell(error);
        throw error;
      },
    );
  }
}

function recordOf(
  payload: Uint8Array,
  headers: MessageHeaders,
  key: KeyValue | undefined,
  partition: number | undefined,
): OutboundRecord {
  return { payload, headers, key: key === undefined ? undefined : String(key), partition, timestamp: new Date() };
}

function recordLater(
  encoding: Promise<Uint8Array>,
  headers: MessageHeaders,
  key: KeyValue | undefined,
  partition: number | undefined,
): Promise<OutboundRecord> {
  return encoding.then((payload) => recordOf(payload, headers, key, partition));
}

/** @throws MillraceError HEADER_INVALID */
function checkedId(id: unknown, channel: string): string {
  if (typeof id === 'string' && id !== '' && Buffer.byteLength(id) <= MAX_ID_BYTES) return id;
  throw new MillraceError(
    'HEADER_INVALID',
    `the id of a message to channel '${channel}' must be text of 1 to ${MAX_ID_BYTES} bytes. Nothing was sent`,
  );
}

/** Never the value itself: payloads stay out of errors and logs. */
function kindOf(payload: unknown): string {
  if (payload === null || payload === undefined) return String(payload);
  return typeof payload === 'object'
    ? `an instance of ${payload.constructor?.name ?? 'no class'}`
    : `a ${typeof payload}`;
}

/** A received message that is sent on, or copied with another payload, leaves behind what belonged to its transport. */
function onward(message: Message<unknown>): Message<unknown> {
  const { payload, key, delivery } = message;
  return delivery === undefined ? message : new Message(payload, ownHeaders(message), { key, delivery });
}

/** The key a sender set is stronger than the channel's; one that was only received with the message is weaker. */
function keyFor(message: Message<unknown>, ofChannel: KeyValue | undefined): KeyValue | undefined {
  const isReceived = message.delivery !== undefined && message.key === message.delivery.key;
  return isReceived ? (ofChannel ?? message.key) : (message.key ?? ofChannel);
}
