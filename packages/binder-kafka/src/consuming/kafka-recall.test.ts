import { type InboundRecord, type Settlement, settlements } from '@millrace/core/spi';
import { KafkaDeliveries } from './kafka-deliveries';
import { KafkaWindow } from './kafka-window';

/** Records of one partition with core, which asks each when its turn comes. */
function atCore() {
  const lease = { isOver: false };
  const begun: string[] = [];
  const waiting: { readonly offset: string; readonly record: InboundRecord; answer(settlement: Settlement): void }[] =
    [];
  const deliveries = new KafkaDeliveries({
    lease,
    request: {
      binding: 'orders',
      prefetch: 4,
      deliver: (record) => new Promise((answer) => waiting.push({ offset: record.position ?? '', record, answer })),
      report: () => undefined,
    },
    recordOf: (window, { record }) => {
      const { tenure } = window;
      return {
        position: record.offset,
        get isRecalled() {
          return tenure.isOver;
        },
      } as InboundRecord;
    },
    park: async () => false,
    finished: () => undefined,
    moved: () => undefined,
  });
  const window = new KafkaWindow({ topic: 'orders', partition: 0 }, lease, 50_000);
  deliveries.own([window]);
  const records = Array.from({ length: 8 }, (_, index) => ({
    offset: String(index),
    key: null,
    value: null,
    timestamp: '0',
  }));
  window.append({ topic: 'orders', partition: 0, records, next: '8' });
  deliveries.go();
  /** As a lane does: the first one's turn. */
  const turn = async (): Promise<void> => {
    const next = waiting.shift();
    if (next === undefined) return;
    if (next.record.isRecalled) next.answer(settlements.requeue);
    else {
      begun.push(next.offset);
      next.answer(settlements.ack);
    }
    for (let each = 0; each < 4; each += 1) await Promise.resolve();
  };
  const turns = async (count: number): Promise<void> => {
    for (let each = 0; each < count; each += 1) await turn();
  };
  return { lease, deliveries, window, begun, waiting, turn, turns };
}

it('while nobody knows whether the group still counts on this member, nothing is handed over and nothing begun', async () => {
  const { lease, deliveries, begun, waiting, turns } = atCore();
  await turns(2);
  lease.isOver = true;
  await turns(10);
  deliveries.pump();
  expect(begun).toEqual(['0', '1']);
  expect(waiting).toEqual([]);
  lease.isOver = false;
  deliveries.pump();
  await turns(10);
  expect(begun).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
});

it('what was recalled is not overtaken by what is handed over again, whatever the moment', async () => {
  for (let recalledAfter = 0; recalledAfter < 8; recalledAfter += 1) {
    for (let resumedAfter = 0; resumedAfter < 8; resumedAfter += 1) {
      const { deliveries, begun, turns } = atCore();
      await turns(recalledAfter);
      deliveries.recall();
      await turns(resumedAfter);
      deliveries.go();
      await turns(20);
      expect(begun).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
    }
  }
});

it('the same when the clock alone has told, in the middle of what waits', async () => {
  for (let overAfter = 0; overAfter < 8; overAfter += 1) {
    for (let renewedAfter = 0; renewedAfter < 8; renewedAfter += 1) {
      const { lease, deliveries, begun, turns } = atCore();
      await turns(overAfter);
      lease.isOver = true;
      await turns(renewedAfter);
      lease.isOver = false;
      deliveries.pump();
      await turns(20);
      expect(begun).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
    }
  }
});

it('what is another’s is begun no more, and its verdicts count for nothing', async () => {
  const { deliveries, window, begun, turns } = atCore();
  await turns(1);
  deliveries.own([]);
  deliveries.go();
  await turns(10);
  expect(begun).toEqual(['0']);
  expect(window.isVoid).toBe(true);
  expect(window.uncommitted).toBe('1');
});
