import { BareBinder, Deliveries, text, unique, until } from '@millrace/binder-test-suite';
import { settlements } from '@millrace/core/spi';
import { kafkaPort } from '../src/client/kafka-clients';
import { binder } from '../src/index';
import { KafkaBinder } from '../src/kafka-binder';
import type { ConsumerListener } from '../src/kafka-port';
import { clientUnderTest } from './client-under-test';
import { itOnSharedKafka as it, sharedBrokers } from './with-kafka';

it('J4 a client that was given up while it let go of its partitions has no say in what the next one is given', async () => {
  const listeners: ConsumerListener[] = [];
  const watched: typeof binder = {
    ...binder,
    create: (context) => {
      const port = kafkaPort(context);
      const consumer: typeof port.consumer = (wanted) => {
        listeners.push(wanted.listener);
        return port.consumer(wanted);
      };
      return new KafkaBinder(context, { ...port, consumer });
    },
  };
  await using rig = new BareBinder(watched, { ...clientUnderTest, brokers: sharedBrokers });
  const topic = unique('orders');
  const producer = await rig.producer(topic, { partitionCount: 1 });
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const inbox = new Deliveries(() => held.then(() => settlements.ack));
  await rig.consumer(topic, { deliver: inbox.deliver, native: { rebalanceDrain: '1m' } });
  await producer.send(text('held'));
  await inbox.until(1);
  const [first] = listeners;
  const hasLetGo = first?.revoking();
  first?.crashed(new Error('the client has crashed'));
  await until(() => listeners.length === 2 && rig.trouble === undefined);
  release();
  await hasLetGo;
  await producer.send(text('next'));
  await until(() => inbox.has('next'));
}, 30_000);
