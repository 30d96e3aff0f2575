import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { MessageSender } from '../src/client/whole-messages';
import type { MessageProperties } from '../src/rabbitmq-port';

const require = createRequire(__filename);
const library = join(dirname(require.resolve('amqplib')), 'lib');
/** amqplib's own way to send, which it does not export. */
const { Connection } = require(join(library, 'connection.js')) as { Connection: { prototype: MessageSender } };
const { BasicPublish, BasicProperties } = require(join(library, 'defs.js')) as Record<string, unknown>;

const AROUND = 8;

export interface Sent {
  readonly exchange: string;
  readonly routingKey: string;
  readonly mandatory: boolean;
  readonly channel: number;
  readonly properties: MessageProperties;
  readonly body: Buffer;
}

type Capturing = MessageSender & { readonly written: Buffer[] };

/** As much of amqplib's connection as sends messages; keeps what it writes. Its channels have room for whole messages where wanted. */
export function clientsSender(frameMax: number, hasRoom = false): Capturing {
  const written: Buffer[] = [];
  const buffer = { write: (frames: Buffer) => written.push(frames) > 0, ...(hasRoom && roomIn(written)) };
  const channels = Array.from({ length: 301 }, () => ({ buffer }));
  return Object.assign(Object.create(Connection.prototype) as MessageSender, {
    ...{ frameMax, channels, written, sentSinceLastCheck: false },
  });
}

/** In the middle of a block, where what lies around it has to stay as it is. */
function roomIn(written: Buffer[]): { block: Buffer; reserve(bytes: number): number } {
  return {
    block: Buffer.alloc(0),
    reserve(bytes) {
      this.block = Buffer.alloc(bytes + 2 * AROUND);
      written.push(this.block.subarray(AROUND, AROUND + bytes));
      return AROUND;
    },
  };
}

/** What goes over the wire for a message, in hexadecimal digits, or why nothing does. */
export function sentBy(
  sender: Capturing,
  { exchange, routingKey, mandatory, channel, properties, body }: Sent,
): { bytes: string | undefined; error: string | undefined; writes: number } {
  sender.written.length = 0;
  try {
    sender.sendMessage(channel, BasicPublish, { exchange, routingKey, mandatory }, BasicProperties, properties, body);
  } catch (error) {
    return { bytes: undefined, error: (error as Error).message, writes: 0 };
  }
  const { written } = sender;
  return { bytes: Buffer.concat(written).toString('hex'), error: undefined, writes: written.length };
}
