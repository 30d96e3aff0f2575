import assert from 'node:assert/strict';
import {
  type BinderModule,
  type ConsumerBinding,
  type ConsumerRequest,
  capabilities,
  type DeadLetter,
  type Deliver,
  defineBinder,
  type InboundRecord,
  type ProducerBinding,
  type Settlement,
  settlements,
  z,
} from '@millrace/core/spi';
import { Faults } from './faults';
import { faultyBinder } from './faulty-binder';
import { silent } from './silent-logger';

const record: InboundRecord = {
  destination: 'orders',
  payload: Uint8Array.of(1),
  headers: { table: 'seven' },
  deliveries: 1,
};
const letter = { record } as DeadLetter;

interface Wrapped {
  readonly faults: Faults;
  readonly producer: ProducerBinding;
  readonly consumer: ConsumerBinding;
  /** Delivers a record as the broker would, and gives the verdict as the broker takes it. */
  readonly deliver: Deliver;
  readonly received: InboundRecord[];
  readonly reports: (string | undefined)[];
  readonly reached: string[];
}

/** A wrapped binder whose broker takes everything; `reached` is what got through to it. */
async function wrapped(handle: Deliver = async () => settlements.ack): Promise<Wrapped> {
  const reached: string[] = [];
  let deliver: Deliver = handle;
  const bare: BinderModule = defineBinder<unknown>({
    type: 'bare',
    options: z.unknown(),
    producerOptions: z.unknown(),
    consumerOptions: z.unknown(),
    create: () => ({
      capabilities: capabilities({}),
      bindProducer: async () => ({ send: async () => void reached.push('send'), close: async () => undefined }),
      bindConsumer: async (request) => {
        deliver = request.deliver;
        return {
          deadLetter: async () => void reached.push('deadLetter'),
          close: async () => void reached.push('close'),
        };
      },
      close: async () => undefined,
    }),
  });
  const faults = new Faults();
  const received: InboundRecord[] = [];
  const reports: (string | undefined)[] = [];
  const binder = await faultyBinder(bare, faults).create({ name: 'b', app: 'a', options: {}, logger: silent });
  const shared = {
    binding: 'orders',
    native: {},
    report: (trouble: Error | undefined) => void reports.push(trouble?.message),
  };
  const producer = await binder.bindProducer({
    ...shared,
    destination: 'orders',
    partitionCount: undefined,
    requiredGroups: [],
  });
  const request = { ...shared, destinations: ['orders'], group: 'baristas', concurrency: 1, prefetch: 8, delays: [] };
  const consumer = await binder.bindConsumer({
    ...request,
    deadLetter: undefined,
    instance: undefined,
    deliver: (one) => {
      received.push(one);
      return handle(one);
    },
  } satisfies ConsumerRequest);
  return { faults, producer, consumer, deliver: (one) => deliver(one), received, reports, reached };
}

describe('faultyBinder', () => {
  const sending = { payload: Uint8Array.of(1), headers: {} };

  it('changes nothing where nothing is ordered', async () => {
    const { faults, producer, consumer, deliver, reached, reports } = await wrapped();
    await producer.send(sending);
    await consumer.deadLetter?.(letter);
    assert.equal(await deliver(record), settlements.ack);
    await consumer.close();
    assert.deepEqual(reached, ['send', 'deadLetter', 'close']);
    assert.deepEqual(reports, []);
    assert.equal(faults.traffic.count('ack'), 1);
    assert.equal(faults.traffic.sent.length, 1);
    assert.deepEqual(faults.traffic.consumers, ['orders']);
    assert.equal(consumer.pause, undefined, 'a power the binder does not have');
  });

  it('refuses so many sends, and only those of the destination', async () => {
    const { faults, producer, reached } = await wrapped();
    faults.refuseSends({ times: 2, destination: 'orders' });
    faults.refuseSends({ times: 1, destination: 'receipts' });
    for (let count = 0; count < 2; count += 1)
      await assert.rejects(producer.send(sending), /refused a record for orders/);
    await producer.send(sending);
    assert.deepEqual(reached, ['send']);
  });

  it('holds sends until they are released', async () => {
    const { faults, producer, reached } = await wrapped();
    const release = faults.holdSends({ destination: 'orders' });
    const held = producer.send(sending);
    await new Promise(setImmediate);
    assert.deepEqual(reached, []);
    release();
    await held;
    assert.deepEqual(reached, ['send']);
  });

  it('turns an acknowledgement into a requeue, and tells of the trouble until one is taken', async () => {
    const { faults, deliver, reports } = await wrapped();
    faults.refuseAcks();
    assert.equal(await deliver(record), settlements.requeue);
    assert.equal(await deliver(record), settlements.ack);
    assert.deepEqual(reports, ['the broker refused an acknowledgement', undefined]);
  });

  it('leaves other verdicts alone', async () => {
    const later: Settlement = { verdict: 'requeue', delayMs: 5 };
    const { faults, deliver } = await wrapped(async () => later);
    faults.refuseAcks();
    assert.equal(await deliver(record), later);
  });

  it('refuses so many dead letters', async () => {
    const { faults, consumer, reached } = await wrapped();
    faults.refuseDeadLetters({ times: 1 });
    await assert.rejects(async () => consumer.deadLetter?.(letter), /refused a dead letter/);
    await consumer.deadLetter?.(letter);
    assert.deepEqual(reached, ['deadLetter']);
  });

  it('loses the connection: sends fail, acknowledgements are refused, deliveries wait, bindings are told', async () => {
    const { faults, producer, deliver, received, reports } = await wrapped(async () => {
      if (!faults.isDisconnected && received.length === 1) faults.loseConnection();
      return settlements.ack;
    });
    assert.equal(await deliver(record), settlements.requeue);
    await assert.rejects(producer.send(sending), /connection lost/);
    const waiting = deliver(record);
    await new Promise(setImmediate);
    assert.equal(received.length, 1);
    faults.restoreConnection();
    assert.equal(await waiting, settlements.ack);
    await producer.send(sending);
    assert.ok(reports.includes('connection lost'));
    assert.equal(reports.at(-1), undefined);
  });

  it('gives waiting deliveries back when the binding closes without a connection', async () => {
    const { faults, consumer, deliver, received } = await wrapped();
    faults.loseConnection();
    const waiting = deliver(record);
    await consumer.close();
    assert.equal(await waiting, settlements.requeue);
    assert.equal(received.length, 0);
  });

  it('delivers each n-th record again, counted, headers and all', async () => {
    const { faults, deliver, received } = await wrapped();
    faults.deliverTwice({ every: 2 });
    for (let count = 0; count < 4; count += 1) await deliver(record);
    assert.deepEqual(
      received.map(({ deliveries }) => deliveries),
      [1, 1, 2, 1, 1, 2],
    );
    assert.deepEqual(received[2]?.headers, record.headers);
    assert.equal(faults.traffic.settled.length, 4);
  });
});
