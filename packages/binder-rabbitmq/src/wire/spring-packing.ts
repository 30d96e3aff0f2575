import { gunzipSync, inflateSync } from 'node:zlib';
import { MillraceError } from '@millrace/core/spi';
import type { FieldTable, MessageProperties } from '../rabbitmq-port';
import { own } from './rabbitmq-field-table';

/** Headers with which Spring marks what it has packed. */
export const packingNames = Object.freeze({
  format: 'springBatchFormat',
  size: 'amqp_batchSize',
  compressed: 'springAutoDecompress',
});
const LENGTH_PREFIXED = 'lengthHeader4';
const LENGTH_BYTES = 4;
/** Spring puts a hundred together by default. More than this is an attack, or an accident. */
const MOST_ITEMS = 10_000;

/** Whether the body holds several messages, each behind its length in four bytes. */
export function isBatch(table: FieldTable | undefined): boolean {
  return own(table, packingNames.format) === LENGTH_PREFIXED;
}

/** How the body is compressed; `undefined` for charsets and the like, which some clients write there. */
export function compressionOf({ contentEncoding }: MessageProperties): 'gzip' | 'deflate' | undefined {
  // Spring joins what was there before by a colon, others by a comma.
  const first = contentEncoding?.split(/[:,]/, 1)[0]?.trim().toLowerCase();
  return first === 'gzip' || first === 'deflate' ? first : undefined;
}

/** @throws MillraceError PAYLOAD_UNDECODABLE, or PAYLOAD_TOO_LARGE where it would be more than `maxBytes` */
export function decompress(body: Buffer, compression: 'gzip' | 'deflate', maxBytes: number): Buffer {
  const limits = { maxOutputLength: maxBytes };
  try {
    return compression === 'gzip' ? gunzipSync(body, limits) : inflateSync(body, limits);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new MillraceError(
        'PAYLOAD_TOO_LARGE',
        `the ${compression} body of ${body.byteLength} bytes holds more than maxDecompressedBytes, ${maxBytes}`,
        { cause },
      );
    throw new MillraceError('PAYLOAD_UNDECODABLE', `the body is no ${compression}, which content_encoding promises`, {
      cause,
    });
  }
}

/** @throws MillraceError PAYLOAD_UNDECODABLE where the lengths do not fit the body */
export function batchItems(body: Buffer): Buffer[] {
  const items: Buffer[] = [];
  for (let start = 0; start < body.byteLength; ) {
    const from = start + LENGTH_BYTES;
    const end = from <= body.byteLength ? from + body.readUInt32BE(start) : Number.POSITIVE_INFINITY;
    if (end > body.byteLength || items.length === MOST_ITEMS) throw brokenBatch(items.length, start);
    items.push(body.subarray(from, end));
    start = end;
  }
  if (items.length === 0) throw brokenBatch(0, 0);
  return items;
}

function brokenBatch(count: number, position: number): MillraceError {
  const problem =
    count === MOST_ITEMS
      ? `it has more than ${MOST_ITEMS} messages`
      : `there is no message of its length at ${position}`;
  return new MillraceError('PAYLOAD_UNDECODABLE', `${packingNames.format} ${LENGTH_PREFIXED}: ${problem}`);
}
