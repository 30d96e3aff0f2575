import assert from 'node:assert/strict';
import {
  type Binder,
  type BinderModule,
  capabilities,
  type Deliver,
  defineBinder,
  settlements,
  z,
} from '@millrace/core/spi';
import { BareBinder } from './bare-binder';
import { Deliveries } from './deliveries';
import { text, textOf } from './text-records';

/** Delivers what is sent at once, and tells all that it is asked for. */
function echo(): { module: BinderModule; asked: object[]; verdicts: string[] } {
  const asked: object[] = [];
  const verdicts: string[] = [];
  const delivers: Deliver[] = [];
  const module = defineBinder({
    type: 'echo',
    options: z.strictObject({ loud: z.boolean().default(true) }),
    producerOptions: z.strictObject({}),
    consumerOptions: z.strictObject({}),
    create: ({ name, options, logger }): Binder => {
      asked.push({ name, options });
      logger.warn({ name }, 'made');
      return {
        capabilities: capabilities({}),
        bindProducer: async (request) => {
          asked.push(request);
          request.report(new Error('lost'));
          return {
            send: async ({ payload, headers }) => {
              const record = { destination: request.destination, payload, headers, deliveries: 1 };
              for (const deliver of delivers) verdicts.push((await deliver(record)).verdict);
            },
            close: async () => undefined,
          };
        },
        bindConsumer: async (request) => {
          asked.push(request);
          delivers.push(request.deliver);
          request.report(undefined);
          return { close: async () => undefined };
        },
        close: async () => {
          asked.push({ closed: true });
        },
      };
    },
  });
  return { module, asked, verdicts };
}

describe('BareBinder', () => {
  it('makes the binder under its type, with its options checked, and keeps what it logs', () => {
    const { module, asked } = echo();
    const bare = new BareBinder(module);
    assert.deepEqual(asked, [{ name: 'echo', options: { loud: true } }]);
    assert.deepEqual(bare.lines, [{ level: 'warn', facts: { name: 'echo' }, message: 'made' }]);
    assert.throws(() => new BareBinder(module, { lout: true }), /lout/);
  });

  it('what is sent is delivered and settled, what is reported is kept, and the binder is closed with it', async () => {
    const { module, asked, verdicts } = echo();
    const deliveries = new Deliveries((record) => (textOf(record) === 'bad' ? settlements.reject : settlements.ack));
    {
      await using bare = new BareBinder(module);
      const producer = await bare.producer('orders', { partitionCount: 3 });
      assert.equal(bare.trouble?.message, 'lost');
      await bare.consumer('orders', { group: 'baristas', deliver: deliveries.deliver });
      assert.equal(bare.trouble, undefined);
      assert.equal(bare.troubles.length, 2);
      for (const each of ['good', 'bad']) await producer.send(text(each));
      await deliveries.until(2);
    }
    assert.deepEqual(deliveries.texts, ['good', 'bad']);
    assert.deepEqual([deliveries.has('bad'), deliveries.has('other')], [true, false]);
    assert.deepEqual(verdicts, ['ack', 'reject']);
    const [, toSend, toReceive, last] = asked;
    assert.deepEqual(last, { closed: true });
    assert.equal((toSend as { partitionCount?: number }).partitionCount, 3);
    assert.equal((toReceive as { binding?: string }).binding, 'orders/baristas');
  });

  it('a consumer has a group of its own, unless it is told to be without', async () => {
    const { module, asked } = echo();
    await using bare = new BareBinder(module);
    await bare.consumer('orders');
    await bare.consumer(['orders', 'returns']);
    await bare.consumer('orders', { group: undefined });
    const groups = asked.slice(1).map((each) => (each as { group?: string }).group);
    assert.match(groups[0] ?? '', /^baristas-[0-9a-f]{10}$/);
    assert.equal(new Set(groups).size, 3);
    assert.equal(groups[2], undefined);
    assert.deepEqual((asked[2] as { destinations?: string[] }).destinations, ['orders', 'returns']);
  });
});
