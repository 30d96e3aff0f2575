import type { InboundRecord, OutboundRecord } from '@millrace/core/spi';

/** A record of this text, as `text/plain`; `changes` give it a key or other headers. */
export function text(payload: string, changes: Partial<OutboundRecord> = {}): OutboundRecord {
  return { payload: Buffer.from(payload), headers: { contentType: 'text/plain' }, ...changes };
}

/** The payload as text; that of a tombstone is empty. */
export function textOf(record: InboundRecord): string {
  return Buffer.from(record.payload ?? []).toString();
}

/** 0 to `count - 1`, as text. */
export function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}
