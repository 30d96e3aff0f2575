import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FetchedRecord, RawHeader } from '../src/kafka-port';

interface Bytes {
  readonly hex: string;
  readonly utf8?: string;
}

interface FixtureRecord {
  readonly partition: number;
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Bytes | null;
  readonly value: Bytes | null;
  readonly headers: readonly (Bytes & { readonly name: string })[];
}

/** What a real Spring Cloud Stream application wrote, by topic; see the facts in the fixture files. */
export function springRecords(name: string): Map<string, (FetchedRecord & { readonly partition: number })[]> {
  const text = readFileSync(join(__dirname, 'fixtures', `kafka-${name}.json`), 'utf8');
  const { topics } = JSON.parse(text) as { topics: { topic: string; records: FixtureRecord[] }[] };
  return new Map(topics.map(({ topic, records }) => [topic, records.map(fetched)]));
}

function fetched({ partition, offset, timestamp, key, value, headers }: FixtureRecord) {
  const raw: Record<string, RawHeader | RawHeader[]> = {};
  for (const header of headers) {
    const former = raw[header.name];
    const bytes = bytesOf(header);
    raw[header.name] = former === undefined ? bytes : [...[former].flat(), bytes];
  }
  return { partition, offset, timestamp, headers: raw, key: key && bytesOf(key), value: value && bytesOf(value) };
}

function bytesOf({ hex }: Bytes): Buffer {
  return Buffer.from(hex, 'hex');
}
