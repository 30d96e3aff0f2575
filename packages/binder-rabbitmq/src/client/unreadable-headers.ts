import { UNREADABLE_HEADERS } from '../rabbitmq-port';

/** What is needed of amqplib's connection beyond its types: bytes that were not read yet, and the reader of frames. */
export interface FrameReader {
  rest: Buffer;
  recvFrame(): unknown;
}

const HEADER_FRAME = 2;
const FRAME_END = 0xce;
/** Type, channel and size of a frame. */
const FRAME_HEAD = 7;
/** Class, weight and body size; behind them two bytes of flags, and then the properties in their order. */
const FLAGS_AT = 12;
const CONTENT_TYPE = 0x8000;
const CONTENT_ENCODING = 0x4000;
const HEADERS = 0x2000;

/**
 * A header table that amqplib cannot read, such as lists nested thousands deep, would end the connection, and the message would
 * come again and end the next. It is taken out of the frame instead: the message arrives with its other properties, and with the
 * reason in the place of the table.
 */
export function surviveUnreadableHeaders(reader: FrameReader): void {
  const recvFrame = reader.recvFrame;
  reader.recvFrame = function recvAnyFrame(this: FrameReader): unknown {
    const bytes = this.rest;
    try {
      return Reflect.apply(recvFrame, this, []);
    } catch (error) {
      const bare = withoutTable(bytes);
      if (bare === undefined) throw error;
      this.rest = Buffer.concat([bare, this.rest]);
      const frame = Reflect.apply(recvFrame, this, []) as { fields: { headers?: unknown } };
      frame.fields.headers = { [UNREADABLE_HEADERS]: String(error) };
      return frame;
    }
  };
}

/** The header frame at the beginning of the bytes, without its table; `undefined` where it is another frame, or has none. */
function withoutTable(bytes: Buffer): Buffer | undefined {
  if (bytes.byteLength <= FRAME_HEAD + FLAGS_AT + 2 || bytes[0] !== HEADER_FRAME) return undefined;
  const payload = bytes.subarray(FRAME_HEAD, FRAME_HEAD + bytes.readUInt32BE(3));
  const flags = payload.readUInt16BE(FLAGS_AT);
  if ((flags & HEADERS) === 0) return undefined;
  let table = FLAGS_AT + 2;
  for (const flag of [CONTENT_TYPE, CONTENT_ENCODING]) if ((flags & flag) !== 0) table += 1 + payload.readUInt8(table);
  const behind = payload.subarray(table + 4 + payload.readUInt32BE(table));
  const bare = Buffer.concat([bytes.subarray(0, FRAME_HEAD), payload.subarray(0, table), behind, Buffer.of(FRAME_END)]);
  bare.writeUInt32BE(table + behind.byteLength, 3);
  bare.writeUInt16BE(flags & ~HEADERS, FRAME_HEAD + FLAGS_AT);
  return bare;
}
