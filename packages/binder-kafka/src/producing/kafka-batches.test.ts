import { setImmediate as nextTurn } from 'node:timers/promises';
import { Batches, type Transmit } from './kafka-batches';

const limits = { records: 3, bytes: 100, linger: 0 };

interface Numbered {
  readonly item: number;
  readonly size: number;
  isOver: boolean;
}

class Requests {
  readonly sent: number[][] = [];
  /** What happened, in its order. */
  readonly story: string[] = [];
  readonly #open: (() => void)[] = [];

  constructor(readonly whenTold: (items: readonly number[]) => void = () => undefined) {}

  readonly transmit: Transmit<Numbered> = (batch) => {
    const items = batch.map(({ item }) => item);
    this.sent.push(items);
    this.story.push(`${items} out`);
    const tell = () => {
      this.story.push(`${items} told`);
      this.whenTold(items);
    };
    return new Promise((resolve) => this.#open.push(() => resolve(tell)));
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

it('where much waits, it goes out before the callers of the last request hear of their answer', async () => {
  const requests = new Requests();
  const batches = new Batches<Numbered>(() => limits, requests.transmit);
  for (const item of [1, 2, 3, 4]) batches.add(waiting(item));
  await nextTurn();
  await requests.answer();
  expect(requests.story).toEqual(['1,2,3 out', '4 out', '1,2,3 told']);
});

it('where little waits, it goes together with what the callers of the last request send then', async () => {
  const sendAgain = (items: readonly number[]): void => {
    for (const item of items) if (item < 6) batches.add(waiting(item + 6));
  };
  const requests = new Requests(sendAgain);
  const batches = new Batches<Numbered>(() => ({ ...limits, records: 10 }), requests.transmit);
  for (const item of [1, 2, 3, 4, 5]) batches.add(waiting(item));
  await nextTurn();
  batches.add(waiting(6));
  await requests.answer();
  expect(requests.story).toEqual(['1,2,3,4,5 out', '1,2,3,4,5 told', '6,7,8,9,10,11 out']);
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

describe('with leaders', () => {
  /** Partition by the tens, leader of an even one 0 and of an odd one 1. */
  const routes = { partitionOf: ({ item }: Numbered) => Math.floor(item / 10), leaderOf: (each: number) => each % 2 };
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 3; turn += 1) await nextTurn();
  };

  /** Each request is answered on its own. */
  class Leaders {
    readonly sent: number[][] = [];
    readonly #open = new Map<number, () => void>();

    readonly transmit: Transmit<Numbered> = (batch) => {
      this.sent.push(batch.map(({ item }) => item));
      const [first] = batch;
      return new Promise((resolve) => this.#open.set(first?.item ?? 0, () => resolve(() => undefined)));
    };

    async answer(item: number): Promise<void> {
      this.#open.get(item)?.();
      await turns();
    }
  }

  it('sends each leader a request of its own, and one that does not answer holds up nobody else', async () => {
    const leaders = new Leaders();
    const batches = new Batches<Numbered>(() => limits, leaders.transmit, routes);
    for (const item of [1, 11, 2, 21]) batches.add(waiting(item));
    await turns();
    expect(leaders.sent.map((each) => [...each].sort((a, b) => a - b))).toEqual([[1, 2, 21], [11]]);
    for (const item of [12, 13, 3]) batches.add(waiting(item));
    await leaders.answer(11);
    await leaders.answer(12);
    expect(leaders.sent.slice(2)).toEqual([[12, 13]]);
    await leaders.answer(leaders.sent[0]?.[0] ?? 0);
    expect(leaders.sent.slice(3)).toEqual([[3]]);
  });

  it('keeps the order of a partition whose leader changes while something of it is out', async () => {
    const leaders = new Leaders();
    let leader = 0;
    const batches = new Batches<Numbered>(() => limits, leaders.transmit, { ...routes, leaderOf: () => leader });
    batches.add(waiting(1));
    await turns();
    leader = 1;
    batches.add(waiting(2));
    batches.add(waiting(11));
    await turns();
    expect(leaders.sent).toEqual([[1], [11]]);
    await leaders.answer(11);
    expect(leaders.sent).toHaveLength(2);
    await leaders.answer(1);
    expect(leaders.sent).toEqual([[1], [11], [2]]);
  });

  it('the partitions of a leader take turns when there is more than a request holds', async () => {
    const leaders = new Leaders();
    const batches = new Batches<Numbered>(() => limits, leaders.transmit, routes);
    for (const item of [1, 2, 3, 4, 5, 6, 21, 22, 23]) batches.add(waiting(item));
    await turns();
    await leaders.answer(leaders.sent[0]?.[0] ?? 0);
    expect(leaders.sent.map((each) => [...each]).sort()).toEqual([
      [1, 2, 3],
      [21, 22, 23],
    ]);
  });

  it('what was sent before partitions were known goes alone, ahead of all that follows', async () => {
    const leaders = new Leaders();
    let isKnown = false;
    const batches = new Batches<Numbered>(() => limits, leaders.transmit, {
      ...routes,
      partitionOf: (item) => (isKnown ? routes.partitionOf(item) : undefined),
    });
    for (const item of [1, 11, 2, 12]) batches.add(waiting(item));
    await turns();
    expect(leaders.sent).toEqual([[1, 11, 2]]);
    isKnown = true;
    batches.add(waiting(13));
    batches.add(waiting(3));
    await turns();
    expect(leaders.sent).toHaveLength(1);
    await leaders.answer(1);
    expect(leaders.sent.slice(1).sort()).toEqual([[12, 13], [3]]);
  });
});
