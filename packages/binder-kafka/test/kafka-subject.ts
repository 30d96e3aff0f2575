import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BinderUnderTest, World } from '@millrace/binder-test-suite';
import { type OwnKafka, startKafka } from '@millrace/brokers';
import { capabilities } from '@millrace/core/spi';
import { binder } from '../src/index';
import { BackDoor } from './back-door';

/** A process of its own runs what is compiled; without a build the checks that need one are skipped. */
const isBuilt = ['binder-kafka', 'binder-test-suite', 'core'].every((name) =>
  existsSync(join(__dirname, '..', '..', name, 'dist', 'index.js')),
);

const brokers = new WeakMap<World, OwnKafka>();

const brokerOf = (world: World): OwnKafka => {
  const broker = brokers.get(world);
  if (broker === undefined) throw new Error('not a world of this subject');
  return broker;
};

/** Each world is a Kafka of its own behind a proxy, which ends with it. */
export const kafkaSubject: BinderUnderTest = {
  name: 'kafka',
  capabilities: capabilities({
    history: true,
    durable: true,
    partitions: true,
    delayedRequeue: true,
    tombstones: true,
    patterns: true,
  }),
  separateWorlds: true,
  slow: 4,
  newWorld: async () => {
    const broker = await startKafka({ proxied: true });
    const backDoor = new BackDoor(broker.directBrokers);
    const world: World = {
      module: binder,
      options: { brokers: broker.brokers, patternInterval: '500ms', metadataMaxAge: '2s' },
      readRecords: (destination) => backDoor.records(destination),
      readDeadLetters: (destination, group) => backDoor.records(`error.${destination}.${group}`),
      publishRaw: (destination, record) => backDoor.publish(destination, record),
      close: async () => {
        await backDoor.close();
        await broker.stop();
      },
    };
    brokers.set(world, broker);
    return world;
  },
  restartBroker: (world) => brokerOf(world).restart(),
  loseConnections: async (world) => brokerOf(world).proxy.drop(),
  ...(isBuilt && { childProgram: join(__dirname, 'child-program.cjs') }),
};
