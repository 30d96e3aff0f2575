import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BinderUnderTest, World } from '@millrace/binder-test-suite';
import { brokerOrSkip, type OwnKafka, ownBrokerOrSkip, startKafka } from '@millrace/brokers';
import { capabilities } from '@millrace/core/spi';
import { binder } from '../src/index';
import { BackDoor } from './back-door';
import { clientUnderTest } from './client-under-test';

/** A process of its own runs what is compiled; without a build the checks that need one are skipped. */
const isBuilt = ['binder-kafka', 'binder-test-suite', 'core'].every((name) =>
  existsSync(join(__dirname, '..', '..', name, 'dist', 'index.js')),
);

const shared = brokerOrSkip('kafka');
const own = new WeakMap<World, OwnKafka>();

const ownBroker = (world: World): OwnKafka => {
  const broker = own.get(world);
  if (broker === undefined) throw new Error('not an own world of this subject');
  return broker;
};

/** On the Kafka that all tests share; the own world is another behind a proxy, which ends with it. */
export const kafkaSubject: BinderUnderTest = {
  name: 'kafka',
  capabilities: capabilities({
    history: true,
    durable: true,
    partitions: true,
    delayedRequeue: true,
    tombstones: true,
    patterns: true,
    exactlyOnce: true,
  }),
  absent: shared.skip ?? ownBrokerOrSkip('kafka'),
  newWorld: () => worldOn(shared.address.split(',')),
  newOwnWorld: async () => {
    const broker = await startKafka({ proxied: true });
    const world = worldOn(broker.brokers, broker.directBrokers, () => broker.stop());
    own.set(world, broker);
    return world;
  },
  separateWorlds: true,
  concurrent: true,
  slow: 4,
  restartBroker: (world) => ownBroker(world).restart(),
  loseConnections: async (world) => ownBroker(world).proxy.drop(),
  holdAnswers: async (world) => {
    const { proxy } = ownBroker(world);
    proxy.stall('answers');
    return async () => proxy.resume();
  },
  ...(isBuilt && { childProgram: join(__dirname, 'child-program.cjs') }),
};

function worldOn(brokers: string[], direct = brokers, close: () => Promise<void> = async () => undefined): World {
  const backDoor = new BackDoor(direct);
  return {
    module: binder,
    options: { brokers, patternInterval: '500ms', metadataMaxAge: '2s', ...clientUnderTest },
    // A busy machine may keep a process from its heartbeats for seconds; and nobody waits long for others to notice a new member.
    consumer: { sessionTimeout: '20s', heartbeatInterval: '500ms' },
    readRecords: (destination) => backDoor.records(destination),
    readDeadLetters: (destination, group) => backDoor.records(`error.${destination}.${group}`),
    publishRaw: (destination, record) => backDoor.publish(destination, record),
    close: async () => {
      await backDoor.close();
      await close();
    },
  };
}
