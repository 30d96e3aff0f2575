import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { MessageProperties } from '../src/rabbitmq-port';

const require = createRequire(__filename);
const library = join(dirname(require.resolve('amqplib')), 'lib');
/** amqplib's own ways to write and read frames, which it does not export. */
const { Connection } = require(join(library, 'connection.js')) as { Connection: { prototype: ClientReader } };
const { makeBodyFrame } = require(join(library, 'frame.js')) as {
  makeBodyFrame(channel: number, body: Buffer): Buffer;
};
const defs = require(join(library, 'defs.js')) as {
  readonly BasicDeliver: number;
  readonly BasicAck: number;
  readonly BasicNack: number;
  readonly BasicProperties: number;
  encodeMethod(id: number, channel: number, fields: object): Buffer;
  encodeProperties(id: number, channel: number, size: number, fields: MessageProperties): Buffer;
};

interface ClientReader {
  rest: Buffer;
  readonly maxFrameSize: number;
  readonly stream: { read(): Buffer | null };
  recvFrame(): unknown;
}

export const frames = {
  deliver: (channel: number, fields: object): Buffer => defs.encodeMethod(defs.BasicDeliver, channel, fields),
  ack: (channel: number, fields: object): Buffer => defs.encodeMethod(defs.BasicAck, channel, fields),
  nack: (channel: number, fields: object): Buffer => defs.encodeMethod(defs.BasicNack, channel, fields),
  header: (channel: number, size: number, properties: MessageProperties): Buffer =>
    defs.encodeProperties(defs.BasicProperties, channel, size, properties),
  body: makeBodyFrame,
};

/** As much of amqplib's connection as reads frames, out of these pieces. */
export function clientsReader(pieces: readonly Buffer[], maxFrameSize: number): ClientReader {
  const left = [...pieces];
  return Object.assign(Object.create(Connection.prototype) as ClientReader, {
    ...{ rest: Buffer.alloc(0), maxFrameSize, stream: { read: () => left.shift() ?? null } },
  });
}

/** All frames that come out, and the error that ends them. */
export function framesOf(reader: ClientReader): { readonly read: unknown[]; readonly error: string | undefined } {
  const read: unknown[] = [];
  try {
    for (let frame = reader.recvFrame(); frame !== false; frame = reader.recvFrame()) read.push(frame);
  } catch (error) {
    return { read, error: (error as Error).message };
  }
  return { read, error: undefined };
}
