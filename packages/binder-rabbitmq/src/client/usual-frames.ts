import type { FieldTable, FieldValue, MessageProperties } from '../rabbitmq-port';
import { BODY, CLASS_BASIC, FRAME_END, FRAME_HEAD, FRAME_OVERHEAD, HEADER, METHOD } from './frame-format';
import { RecurringTexts } from './recurring-texts';
import type { FrameReader } from './unreadable-headers';

const BASIC_DELIVER = 0x3c003c;
const BASIC_ACK = 0x3c0050;
/** Class, weight and body size before the flags of a header frame. */
const FLAGS_AT = 12;
/** More flags follow. */
const MORE_FLAGS = 1;
const TWO_32 = 2 ** 32;

/** A frame as the client would decode it. */
type Frame =
  | { readonly id: number; readonly channel: number; readonly fields: object }
  | { readonly id: number; readonly channel: number; readonly size: number; readonly fields: object }
  | { readonly channel: number; readonly content: Buffer };

/**
 * Reads the usual frames, those of deliveries and confirmations, out of what has arrived. The client makes three objects and three
 * views of memory for each frame before it looks into it, and a text of each name however often it comes. What is not usual, not
 * complete or not as it should be is left to the client.
 */
export function readUsualFrames(reader: FrameReader & { readonly maxFrameSize: number }): void {
  const recvFrame = reader.recvFrame;
  const cursor = new Cursor();
  reader.recvFrame = function recvUsualFrame(this: typeof reader): unknown {
    // What is read stays in front, so that there is no new view for each frame.
    if (this.rest !== cursor.bytes) cursor.begin(this.rest);
    const frame = cursor.frame(this.maxFrameSize);
    if (frame !== undefined) return frame;
    this.rest = cursor.rest;
    cursor.begin(this.rest);
    return Reflect.apply(recvFrame, this, []);
  };
}

/** Beyond the limit it reads nothing, and says so. */
class Cursor {
  readonly #texts = new RecurringTexts();
  bytes: Buffer = Buffer.alloc(0);
  #next = 0;
  #at = 0;
  #limit = 0;
  #isOver = false;

  begin(bytes: Buffer): void {
    this.bytes = bytes;
    this.#next = 0;
  }

  get rest(): Buffer {
    return this.#next === 0 ? this.bytes : this.bytes.subarray(this.#next);
  }

  /** The next one, where it is usual. */
  frame(longest: number): Frame | undefined {
    const { bytes } = this;
    const start = this.#next;
    if (start + FRAME_HEAD > bytes.byteLength) return undefined;
    const size = bytes.readUInt32BE(start + 3);
    const end = start + FRAME_HEAD + size;
    if (end >= bytes.byteLength || bytes[end] !== FRAME_END || (longest > 0 && size > longest)) return undefined;
    this.#at = start + FRAME_HEAD;
    this.#limit = end;
    this.#isOver = false;
    const channel = bytes.readUInt16BE(start + 1);
    const frame = this.#decoded(bytes[start] as number, channel);
    if (frame === undefined || this.#isOver) return undefined;
    this.#next = start + FRAME_OVERHEAD + size;
    return frame;
  }

  #decoded(type: number, channel: number): Frame | undefined {
    if (type === BODY) return { channel, content: this.bytes.subarray(this.#at, this.#limit) };
    if (type === HEADER) return this.#header(channel);
    if (type !== METHOD) return undefined;
    const id = this.#uint32();
    if (id === BASIC_DELIVER)
      return {
        id,
        channel,
        fields: {
          consumerTag: this.#name(),
          deliveryTag: this.#uint64(),
          redelivered: (this.#byte() & 1) === 1,
          exchange: this.#name(),
          routingKey: this.#name(),
        },
      };
    if (id !== BASIC_ACK) return undefined;
    return { id, channel, fields: { deliveryTag: this.#uint64(), multiple: (this.#byte() & 1) === 1 } };
  }

  #header(channel: number): Frame | undefined {
    if (this.#at + FLAGS_AT + 2 > this.#limit || this.bytes.readUInt16BE(this.#at) !== CLASS_BASIC) return undefined;
    this.#at += 4;
    const size = this.#int64();
    const flags = this.bytes.readUInt16BE(this.#at);
    this.#at += 2;
    if (flags === 0 || (flags & MORE_FLAGS) !== 0) return undefined;
    const fields: { -readonly [Name in keyof MessageProperties]: MessageProperties[Name] } & { clusterId: unknown } = {
      contentType: (flags & 0x8000) === 0 ? undefined : this.#name(),
      contentEncoding: (flags & 0x4000) === 0 ? undefined : this.#name(),
      headers: undefined,
      deliveryMode: undefined,
      priority: undefined,
      correlationId: undefined,
      replyTo: undefined,
      expiration: undefined,
      messageId: undefined,
      timestamp: undefined,
      type: undefined,
      userId: undefined,
      appId: undefined,
      clusterId: undefined,
    };
    if ((flags & 0x2000) !== 0) {
      const table = this.#table();
      if (table === undefined) return undefined;
      fields.headers = table;
    }
    if ((flags & 0x1000) !== 0) fields.deliveryMode = this.#byte();
    if ((flags & 0x0800) !== 0) fields.priority = this.#byte();
    if ((flags & 0x0400) !== 0) fields.correlationId = this.#text(this.#byte());
    if ((flags & 0x0200) !== 0) fields.replyTo = this.#name();
    if ((flags & 0x0100) !== 0) fields.expiration = this.#name();
    if ((flags & 0x0080) !== 0) fields.messageId = this.#text(this.#byte());
    if ((flags & 0x0040) !== 0) fields.timestamp = this.#uint64();
    if ((flags & 0x0020) !== 0) fields.type = this.#name();
    if ((flags & 0x0010) !== 0) fields.userId = this.#name();
    if ((flags & 0x0008) !== 0) fields.appId = this.#name();
    if ((flags & 0x0004) !== 0) fields.clusterId = this.#name();
    return { id: CLASS_BASIC, channel, size, fields };
  }

  /** `undefined`: it holds something else than texts and usual numbers, or is not complete. */
  #table(): FieldTable | undefined {
    const size = this.#uint32();
    const end = this.#at + size;
    if (end > this.#limit) return undefined;
    const table: Record<string, FieldValue> = {};
    while (this.#at < end && !this.#isOver) {
      const name = this.#name();
      const tag = this.#byte();
      if (tag === 0x53 /* S */) table[name] = this.#text(this.#uint32());
      else if (tag === 0x6c /* l */) table[name] = this.#int64();
      else if (tag === 0x49 /* I */) table[name] = this.#uint32() | 0;
      else if (tag === 0x74 /* t */) table[name] = this.#byte() !== 0;
      else return undefined;
    }
    return this.#at === end ? table : undefined;
  }

  #has(bytes: number): boolean {
    if (this.#at + bytes <= this.#limit) return true;
    this.#isOver = true;
    return false;
  }

  #byte(): number {
    if (!this.#has(1)) return 0;
    const value = this.bytes[this.#at] as number;
    this.#at += 1;
    return value;
  }

  #uint32(): number {
    if (!this.#has(4)) return 0;
    const value = this.bytes.readUInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  /** In two halves: a `BigInt` would be made and thrown away. */
  #uint64(): number {
    return this.#uint32() * TWO_32 + this.#uint32();
  }

  #int64(): number {
    return (this.#uint32() | 0) * TWO_32 + this.#uint32();
  }

  #text(length: number): string {
    if (!this.#has(length)) return '';
    const text = this.bytes.toString('utf8', this.#at, this.#at + length);
    this.#at += length;
    return text;
  }

  /** A short text that may come again and again. */
  #name(): string {
    const length = this.#byte();
    if (!this.#has(length)) return '';
    const text = this.#texts.at(this.bytes, this.#at, length);
    this.#at += length;
    return text;
  }
}
