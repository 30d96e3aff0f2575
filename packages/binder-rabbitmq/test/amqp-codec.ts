import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { FieldTable } from '../src/rabbitmq-port';

const require = createRequire(__filename);
/** amqplib's own encoding of header tables, which it does not export: what it makes of them is what the broker gets. */
const codec = require(join(dirname(require.resolve('amqplib')), 'lib', 'codec.js')) as {
  encodeTable(buffer: Buffer, table: FieldTable, offset: number): number;
  decodeFields(bytes: Buffer): FieldTable;
};

export function onTheWire(table: FieldTable): Buffer {
  const buffer = Buffer.alloc(65_536);
  return buffer.subarray(0, codec.encodeTable(buffer, table, 0));
}

export function throughTheWire(table: FieldTable): FieldTable {
  return codec.decodeFields(onTheWire(table).subarray(4));
}

/** A table of any bytes, without its length. */
export function decodedFields(bytes: Buffer): FieldTable {
  return codec.decodeFields(bytes);
}
