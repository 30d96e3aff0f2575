import type { FetchedRecord } from '../kafka-port';
import { KafkaWindow } from './kafka-window';

const record = (offset: number): FetchedRecord => ({
  offset: String(offset),
  key: null,
  value: null,
  timestamp: '0',
});
const batch = (from: number, count: number) => ({
  topic: 'orders',
  partition: 0,
  records: Array.from({ length: count }, (_, index) => record(from + index)),
  next: String(from + count),
});
const place = { topic: 'orders', partition: 0 };
const lasting = { isOver: false };
const offsets = (window: KafkaWindow, now: number): string[] => {
  const taken: string[] = [];
  for (let entry = window.take(now); entry !== undefined; entry = window.take(now)) taken.push(entry.record.offset);
  return taken;
};

it('hands out in order; what came back comes before the rest, which waits for it', () => {
  const window = new KafkaWindow(place, lasting, 50_000);
  window.append(batch(0, 4));
  const first = window.take(0);
  if (first === undefined) throw new Error('nothing taken');
  window.hold(first, 10, true);
  expect(offsets(window, 9)).toEqual([]);
  expect(window.nextDue).toBe(10);
  expect(offsets(window, 10)).toEqual(['0', '1', '2', '3']);
});

it('what is held for a delay holds nothing up, and comes by its time, then by its offset', () => {
  const window = new KafkaWindow(place, lasting, 50_000);
  window.append(batch(0, 5));
  for (const dueAt of [30, 10, 20, 10]) {
    const entry = window.take(0);
    if (entry !== undefined) window.hold(entry, dueAt, false);
  }
  expect(offsets(window, 0)).toEqual(['4']);
  expect(offsets(window, 100)).toEqual(['1', '3', '2', '0']);
});

it('holds records of a retry topic until they are due, but looks no further than it may', () => {
  const window = new KafkaWindow(place, lasting, 50_000, ({ offset }) => (offset === '0' ? 1_000 : 0));
  window.append(batch(0, 3));
  expect(offsets(window, 0)).toEqual(['1', '2']);
  expect(window.uncommitted).toBe('0');
  const crowded = new KafkaWindow(place, lasting, 50_000, () => 1_000);
  crowded.append(batch(0, 5_000));
  expect(crowded.take(0)).toBeUndefined();
  expect(crowded.isFull).toBe(true);
  expect(crowded.waiting).toBe(4_000);
});

it('leaves out what a rejoined client fetches a second time', () => {
  const window = new KafkaWindow(place, lasting, 50_000);
  window.append(batch(0, 4));
  window.expectRepetition();
  window.append(batch(0, 3));
  window.append(batch(2, 4));
  window.append(batch(6, 1));
  expect(offsets(window, 0)).toEqual(['0', '1', '2', '3', '4', '5', '6']);
});

it('goes on only so far behind a record that is not finished, and keeps no bytes of what is finished there', () => {
  const window = new KafkaWindow(place, lasting, 4);
  window.append(batch(0, 7));
  const [first, second, third] = [window.take(0), window.take(0), window.take(0)];
  if (first === undefined || second === undefined || third === undefined) throw new Error('not taken');
  second.record = { ...second.record, value: Buffer.from('large') };
  window.finish(second);
  window.finish(third);
  expect(second.record.value).toBeNull();
  expect(offsets(window, 0)).toEqual(['3']);
  expect(window.uncommitted).toBe('0');
  window.finish(first);
  expect(window.uncommitted).toBe('3');
  expect(offsets(window, 0)).toEqual(['4', '5', '6']);
});
