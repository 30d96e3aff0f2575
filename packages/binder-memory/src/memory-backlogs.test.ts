import type { Settlement } from '@millrace/core/spi';
import { allQuiet } from '../test/eventually';
import { openBinder, record } from '../test/open-binder';
import { MemoryBroker } from './memory-broker';

const later: Settlement = { verdict: 'requeue', delayMs: 60_000 };

test('a broker tells what its consumers have still to do', async () => {
  const broker = new MemoryBroker({ partitions: 2 });
  const local = await openBinder(broker);
  const workers = await local.consumer('orders', { group: 'workers', prefetch: 1 });
  const listener = await local.consumer('orders', { group: undefined });
  await local.producer('orders', { requiredGroups: ['absent'] });
  workers.inbox.hold();
  listener.inbox.hold();
  for (const key of ['1', '2', '3']) await broker.publish('orders', record(key, { key }));
  await allQuiet();
  const orders = { destination: 'orders' };
  expect(broker.backlogs()).toEqual([
    { ...orders, group: 'workers', waiting: 2, open: 1, parked: 0 },
    { ...orders, group: undefined, waiting: 0, open: 3, parked: 0 },
  ]);

  workers.inbox.settleAll(later);
  listener.inbox.settleAll();
  await allQuiet();
  expect(broker.backlogs()).toEqual([
    { ...orders, group: 'workers', waiting: 1, open: 1, parked: 1 },
    { ...orders, group: undefined, waiting: 0, open: 0, parked: 0 },
  ]);

  const closing = [workers.close(), listener.close()];
  workers.inbox.settleAll();
  await Promise.all(closing);
  expect(broker.backlogs()).toEqual([]);
  expect(broker.lag('orders', 'absent')).toBe(3);
  await broker.close();
});
