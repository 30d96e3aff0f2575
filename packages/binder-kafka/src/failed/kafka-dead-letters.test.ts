import type { DeadLetter } from '@millrace/core/spi';
import { springRecords } from '../../test/fixture';
import type { FetchedRecord } from '../kafka-port';
import { HeaderReader } from '../wire/kafka-headers';
import { deadLetterRecord } from './kafka-dead-letters';

/** What Spring wrote to its own dead-letter topic, and the record it was about. */
function springDeadLetter(name: string) {
  const topics = springRecords(name);
  const letters = [...topics].find(([topic]) => topic.startsWith('error.') || topic.includes('dlq.dead'));
  const sources = [...topics].find(([topic]) => !topic.startsWith('error.') && topic !== letters?.[0]);
  const [letter] = letters?.[1] ?? [];
  if (letter === undefined || sources === undefined) throw new Error(`no dead letter in ${name}`);
  const offset = String(bytesOf(letter, 'x-original-offset').readBigInt64BE());
  const partition = bytesOf(letter, 'x-original-partition').readInt32BE();
  const source = sources[1].find((each) => each.offset === offset && each.partition === partition);
  if (source === undefined) throw new Error(`no source at ${partition}/${offset}`);
  return { letter, source, topic: sources[0] };
}

it.each(['dlq', 'dlqpart'])('%s: writes key, body, headers and place byte for byte as Spring does', (name) => {
  const { letter, source, topic } = springDeadLetter(name);
  const written = deadLetterRecord(letterOf(source, topic), source, 'spring', 4);
  expect(written.key).toEqual(letter.key);
  expect(written.value).toEqual(letter.value);
  const reasons = /^x-exception-/;
  for (const [header, value] of Object.entries(letter.headers ?? {}))
    if (!reasons.test(header)) expect([header, written.headers[header]]).toEqual([header, value]);
  const names = Object.keys(written.headers).filter((header) => !header.startsWith('millrace_'));
  expect(names.sort()).toEqual(Object.keys(letter.headers ?? {}).sort());
  expect(written.partition).toBe(source.partition);
});

it('reads the dead letter that Spring wrote: numbers as numbers, reasons as text', () => {
  const { letter, source, topic } = springDeadLetter('dlq');
  expect(new HeaderReader('spring').read(letter.headers)).toMatchObject({
    'x-original-topic': topic,
    'x-original-partition': source.partition,
    'x-original-offset': source.offset,
    'x-original-timestamp': Number(source.timestamp),
    'x-original-timestamp-type': 'CreateTime',
    'x-exception-fqcn': expect.stringContaining('MessagingException'),
    'x-exception-message': expect.stringContaining('error occurred in message handler'),
    tenant: 'acme',
    attempts: 7,
  });
});

it('folds the partition where the dead-letter topic has fewer, and replaces an earlier reason', () => {
  const { source, topic } = springDeadLetter('dlq');
  const former = { ...source.headers, 'x-exception-message': [Buffer.from('old'), Buffer.from('older')] };
  const written = deadLetterRecord(
    { ...letterOf(source, topic), record: { ...letterOf(source, topic).record, partition: 5 } },
    { ...source, headers: former },
    'spring',
    2,
  );
  expect(written.partition).toBe(1);
  expect(String(written.headers['x-exception-message'])).toBe('out of beans');
});

it('writes no header at all in mode none', () => {
  const { source, topic } = springDeadLetter('dlq');
  expect(deadLetterRecord(letterOf(source, topic), source, 'none', 1).headers).toEqual({});
});

function bytesOf({ headers }: FetchedRecord, name: string): Buffer {
  return headers?.[name] as Buffer;
}

function letterOf(source: ReturnType<typeof springDeadLetter>['source'], topic: string): DeadLetter {
  return {
    record: {
      destination: topic,
      payload: source.value,
      headers: new HeaderReader('spring').read(source.headers),
      partition: source.partition,
      position: source.offset,
      timestamp: new Date(Number(source.timestamp)),
      deliveries: 1,
    },
    kind: 'failed',
    code: undefined,
    errorName: 'Error',
    errorMessage: 'out of beans',
    errorStack: 'Error: out of beans\n    at barista',
    attempts: 3,
    binding: 'orders/baristas',
    group: 'baristas',
    time: new Date(0),
  };
}
