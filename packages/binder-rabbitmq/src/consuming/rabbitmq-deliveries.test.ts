import { type Settlement, settlements } from '@millrace/core/spi';
import { recordsOf } from '../wire/rabbitmq-record';
import { RabbitmqAcks } from './rabbitmq-acks';
import { RabbitmqDeliveries } from './rabbitmq-deliveries';

const queue = { queue: 'orders.baristas', destination: 'orders', partition: undefined };

/** Deliveries of one channel, and what its broker is told of them. */
function deliveriesWith(deliver: () => Promise<Settlement>) {
  const told: string[] = [];
  const acks = new RabbitmqAcks(
    {
      ack: (tag, multiple) => told.push(multiple ? `ack ..${tag}` : `ack ${tag}`),
      nack: (tag, requeue) => told.push(`nack ${tag}${requeue ? ' again' : ''}`),
    },
    10,
  );
  const deliveries = new RabbitmqDeliveries({
    request: { binding: 'orders/baristas', prefetch: 10, deliver },
    recordsOf: ({ message }) => recordsOf(message, queue, { mode: 'spring', maxDecompressedBytes: 1_000 }),
    park: async () => false,
    report: () => undefined,
  });
  const arrive = (tag: number): void => {
    acks.arrived(tag);
    const message = { tag, redelivered: false, exchange: 'orders', routingKey: 'orders', body: Buffer.from('{}') };
    deliveries.arrived({ queue, message: { ...message, properties: {} }, acks });
  };
  return { told, deliveries, arrive };
}

it('what has arrived during a pause goes back in its order, and none of it is handed over', () => {
  let calls = 0;
  const { told, deliveries, arrive } = deliveriesWith(async () => {
    calls += 1;
    return settlements.ack;
  });
  deliveries.rest();
  for (const tag of [1, 2, 3]) arrive(tag);
  deliveries.giveBack();
  deliveries.go();
  expect(told).toEqual(['nack 1 again', 'nack 2 again', 'nack 3 again']);
  expect(calls).toBe(0);
});

it('what comes after the end, or is given back then, is told to nobody: it goes back with its channel', async () => {
  let finish: (settlement: Settlement) => void = () => undefined;
  const { told, deliveries, arrive } = deliveriesWith(() => new Promise((resolve) => (finish = resolve)));
  arrive(1);
  deliveries.end();
  arrive(2);
  finish(settlements.requeue);
  await deliveries.idle();
  expect(told).toEqual([]);
});
