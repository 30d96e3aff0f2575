import { type InboundRecord, settlements } from '@millrace/core/spi';
import type { FetchedBatch } from '../kafka-port';
import { KafkaDeliveries } from './kafka-deliveries';
import { KafkaIntake } from './kafka-intake';
import { KafkaWindow } from './kafka-window';

const lasting = { isOver: false };

/** One partition whose records are handed over as numbers, and settled when told. */
function consumer() {
  const handed: string[] = [];
  const open: (() => void)[] = [];
  /** As the client has it, which forgets nothing when partitions go and come. */
  const paused = new Set<number>();
  const deliveries = new KafkaDeliveries({
    lease: lasting,
    request: {
      binding: 'orders',
      prefetch: 2,
      deliver: () => new Promise((resolve) => open.push(() => resolve(settlements.ack))),
      report: () => undefined,
    },
    recordOf: (_, { record }) => {
      handed.push(record.offset);
      return {} as InboundRecord;
    },
    park: async () => false,
    finished: () => undefined,
    moved: (window) => intake.moved(window),
  });
  const intake = new KafkaIntake({
    deliveries,
    newWindow: (partition) => new KafkaWindow(partition, lasting, 50_000),
    pause: ({ partition }) => paused.add(partition),
    resume: ({ partition }) => paused.delete(partition),
  });
  const settle = async (count: number): Promise<void> => {
    for (let each = 0; each < count; each += 1) {
      open.shift()?.();
      await Promise.resolve();
      await Promise.resolve();
    }
  };
  return { deliveries, intake, handed, paused, settle };
}

const place = { topic: 'orders', partition: 0 };
const batch = (from: number, next: number): FetchedBatch => ({
  ...place,
  records: Array.from({ length: next - from }, (_, index) => ({
    offset: String(from + index),
    key: null,
    value: null,
    timestamp: '0',
  })),
  next: String(next),
});

/** Five records fetched, two finished, two open; the two committed. */
async function halfWay() {
  const parts = consumer();
  const { deliveries, intake, settle } = parts;
  intake.assign([place], false, []);
  deliveries.go();
  void intake.take(batch(0, 5));
  await settle(2);
  const [window] = deliveries.windows;
  if (window === undefined) throw new Error('no window');
  expect(window.uncommitted).toBe('2');
  window.committed = '2';
  return { ...parts, window };
}

it('after an absence a member goes on with what it has in hand, where the group is where it has left it', async () => {
  const { deliveries, intake, handed, settle, window } = await halfWay();
  intake.assign([place], false, [{ ...place, offset: '2' }]);
  expect(deliveries.windows).toEqual([window]);
  // The client fetches again from there.
  void intake.take(batch(2, 7));
  await settle(5);
  expect(handed).toEqual(['0', '1', '2', '3', '4', '5', '6']);
  expect(window.uncommitted).toBe('7');
});

it('a second absence before the first commit finds the group where this member began: what is done is not done again', async () => {
  const { deliveries, intake, handed, settle } = consumer();
  const committed = [{ ...place, offset: '3' }];
  intake.assign([place], false, committed);
  deliveries.go();
  void intake.take(batch(3, 8));
  await settle(2);
  const [window] = deliveries.windows;
  deliveries.recall();
  intake.assign([place], false, committed);
  deliveries.go();
  expect(deliveries.windows).toEqual([window]);
  void intake.take(batch(3, 8));
  await settle(5);
  expect(handed).toEqual(['3', '4', '5', '6', '7']);
  expect(window?.uncommitted).toBe('8');
});

it.each([
  ['somebody has gone on', [{ ...place, offset: '3' }]],
  ['the group has no position any more', []],
  ['only another topic is where it was', [{ topic: 'drinks', partition: 0, offset: '2' }]],
])('after an absence it begins anew where %s', async (_, committed) => {
  const { deliveries, intake, window } = await halfWay();
  intake.assign([place], false, committed);
  expect(window.isVoid).toBe(true);
  expect(deliveries.windows).not.toContain(window);
});

it('a partition that was another’s is not mixed up with one of the same number', async () => {
  const { intake, window } = await halfWay();
  intake.assign([{ topic: 'drinks', partition: 0 }], true, []);
  expect(window.isVoid).toBe(true);
});

it('a partition that was paused when it was lost is fetched again when it is regained', async () => {
  const { deliveries, intake, paused } = consumer();
  intake.assign([place], false, []);
  deliveries.go();
  await intake.take(batch(0, 50));
  // Nobody settles: a second batch finds no room, and the client is paused.
  await intake.take(batch(50, 100));
  expect([...paused]).toEqual([0]);
  intake.assign([], true, []);
  intake.assign([place], true, []);
  expect([...paused]).toEqual([]);
});
