import { MemoryBroker, memoryBinder } from '@millrace/binder-memory';
import type { BinderModule, InboundRecord, Settlement } from '@millrace/core/spi';
import { settlements } from '@millrace/core/spi';
import { eventually } from '../eventually';
import { Gate } from '../gate';
import { Order } from '../messages';
import { swift, useWorld } from '../world';

const world = useWorld({ partitions: 1 });

/** A binder that has a connection to lose: what came over it comes again, and no verdict on that counts. */
class LosingBinder {
  readonly broker = new MemoryBroker({ partitions: 1 });
  #connection = { isLost: false };

  lose(): void {
    this.#connection.isLost = true;
    this.#connection = { isLost: false };
  }

  get module(): BinderModule {
    const real = memoryBinder(this.broker);
    const create: BinderModule['create'] = async (context) => {
      const binder = await real.create(context);
      return {
        capabilities: binder.capabilities,
        bindProducer: (request) => binder.bindProducer(request),
        bindConsumer: (request) =>
          binder.bindConsumer({ ...request, deliver: (record) => this.#deliver(record, request.deliver) }),
        close: () => binder.close(),
      };
    };
    return { ...real, create };
  }

  async #deliver(record: InboundRecord, deliver: (record: InboundRecord) => Promise<Settlement>): Promise<Settlement> {
    const connection = this.#connection;
    const recallable = Object.create(record, { isRecalled: { get: () => connection.isLost } });
    const settlement = await deliver(recallable);
    return connection.isLost ? settlements.requeue : settlement;
  }
}

async function publish(broker: MemoryBroker, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const headers = { contentType: 'application/json' };
    await broker.publish('orders', { payload: Buffer.from(JSON.stringify({ id })), headers });
  }
}

test('what was recalled while it waited for its turn is begun in its next delivery, and not before', async () => {
  const binder = new LosingBinder();
  const gate = new Gate();
  const begun: string[] = [];
  const handle = async ({ id }: Order): Promise<void> => {
    begun.push(id);
    await gate.passed;
  };
  await world().sink(Order, {}, handle, { binders: [binder.module] });
  await publish(binder.broker, ['1', '2', '3', '4']);
  await eventually(() => expect(begun).toEqual(['1']));
  binder.lose();
  gate.open();
  await eventually(() => expect(binder.broker.lag('orders', 'shop')).toBe(0));
  expect(begun).toEqual(['1', '1', '2', '3', '4']);
});

test('a record that was recalled between two attempts is neither tried again nor buried by who has it no more', async () => {
  const binder = new LosingBinder();
  const attempts: number[] = [];
  const retry = { maxAttempts: 3, backOff: { initial: 30, multiplier: 1, jitter: 0 } };
  const app = await world().sink(
    Order,
    { retry },
    () => {
      throw new Error('no such drink');
    },
    { binders: [binder.module] },
  );
  app.events.on('retry', ({ attempt }) => {
    attempts.push(attempt);
    if (attempts.length === 2) binder.lose();
  });
  await publish(binder.broker, ['1']);
  await eventually(() => expect(binder.broker.lag('orders', 'shop')).toBe(0));
  // The memory binder counts deliveries, and its count goes on.
  expect(attempts.length).toBeLessThanOrEqual(4);
  expect(binder.broker.deadLetters('orders', 'shop')).toHaveLength(1);
});

test('a record whose last attempt failed after it was recalled is not buried: who has it by then sees to that', async () => {
  const binder = new LosingBinder();
  let calls = 0;
  const fail = (): never => {
    calls += 1;
    if (calls === 1) binder.lose();
    throw new Error('no such drink');
  };
  await world().sink(Order, { retry: { ...swift.retry, maxAttempts: 1 } }, fail, { binders: [binder.module] });
  await publish(binder.broker, ['1']);
  await eventually(() => expect(binder.broker.lag('orders', 'shop')).toBe(0));
  expect(calls).toBe(2);
  expect(binder.broker.deadLetters('orders', 'shop')).toHaveLength(1);
});

test('a batch leaves out what was recalled', async () => {
  const binder = new LosingBinder();
  const gate = new Gate();
  const begun: string[][] = [];
  const app = await world().create({ binders: [binder.module] });
  await app.sink(Order, { ...swift, batch: { size: 2, wait: 5 }, prefetch: 8 }, async (orders: Order[]) => {
    begun.push(orders.map(({ id }) => id));
    await gate.passed;
  });
  await app.start();
  await publish(binder.broker, ['1', '2', '3', '4']);
  await eventually(() => expect(begun).toEqual([['1', '2']]));
  binder.lose();
  gate.open();
  await eventually(() => expect(binder.broker.lag('orders', 'shop')).toBe(0));
  expect(begun.flat().sort()).toEqual(['1', '1', '2', '2', '3', '4']);
});
