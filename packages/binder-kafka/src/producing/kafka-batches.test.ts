import { setImmediate as nextTurn } from 'node:timers/promises';
import { Batches } from './kafka-batches';

const limits = { records: 3, bytes: 100, linger: 0 };

interface Numbered {
  readonly item: number;
  readonly size: number;
  isOver: boolean;
}

class Requests {
  readonly sent: number[][] = [];
  readonly #open: (() => void)[] = [];

  readonly transmit = (batch: readonly Numbered[]): Promise<void> => {
    this.sent.push(batch.map(({ item }) => item));
    return new Promise((resolve) => this.#open.push(resolve));
  };

  async answer(): Promise<void> {
    this.#open.shift()?.();
    for (let turn = 0; turn < 3; turn += 1) await nextTurn();
  }
}

const waiting = (item: number, size = 1): Numbered => ({ item, size, isOver: false });

it('puts what is sent in one turn into one request, up to the number of records, one request at a time', async () => {
  const requests = new Requests();
  const batches = new Batches<Numbered>(() => limits, requests.transmit);
  for (const item of [1, 2, 3, 4, 5]) batches.add(waiting(item));
  expect(requests.sent).toEqual([]);
  await nextTurn();
  expect(requests.sent).toEqual([[1, 2, 3]]);
  batches.add(waiting(6));
  await nextTurn();
  expect(requests.sent).toHaveLength(1);
  await requests.answer();
  expect(requests.sent).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
});

it('bounds a request by bytes; what is larger than all of it goes alone', async () => {
  const requests = new Requests();
  const batches = new Batches<Numbered>(() => limits, requests.transmit);
  for (const [item, size] of [
    [1, 60],
    [2, 60],
    [3, 500],
    [4, 1],
  ] as const)
    batches.add(waiting(item, size));
  await nextTurn();
  for (let answers = 0; answers < 4; answers += 1) await requests.answer();
  expect(requests.sent).toEqual([[1], [2], [3], [4]]);
});

it('waits for more as long as linger says, unless the request is full', async () => {
  const requests = new Requests();
  const batches = new Batches<Numbered>(() => ({ ...limits, linger: 5_000 }), requests.transmit);
  batches.add(waiting(1));
  await nextTurn();
  await nextTurn();
  expect(requests.sent).toEqual([]);
  batches.add(waiting(2));
  batches.add(waiting(3));
  await nextTurn();
  await nextTurn();
  expect(requests.sent).toEqual([[1, 2, 3]]);
});

it('is idle when nothing waits and nothing is out', async () => {
  const requests = new Requests();
  const batches = new Batches<Numbered>(() => limits, requests.transmit);
  await batches.idle();
  batches.add(waiting(1));
  let isIdle = false;
  const idle = batches.idle().then(() => {
    isIdle = true;
  });
  await nextTurn();
  expect(isIdle).toBe(false);
  await requests.answer();
  await idle;
});

it('forgets what is over, and is idle without it', async () => {
  const requests = new Requests();
  const batches = new Batches<Numbered>(() => limits, requests.transmit);
  const items = [1, 2, 3, 4, 5].map((item) => waiting(item, 40));
  for (const item of items) batches.add(item);
  await nextTurn();
  for (const item of items.slice(2, 4)) item.isOver = true;
  batches.sweep();
  await requests.answer();
  expect(requests.sent).toEqual([[1, 2], [5]]);
  await requests.answer();
  const late = waiting(6);
  batches.add(late);
  late.isOver = true;
  const idle = batches.idle();
  batches.sweep();
  await idle;
  await nextTurn();
  expect(requests.sent).toHaveLength(2);
});
