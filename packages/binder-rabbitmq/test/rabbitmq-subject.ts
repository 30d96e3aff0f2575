import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BinderUnderTest, World } from '@millrace/binder-test-suite';
import {
  brokerOrSkip,
  type OwnRabbitmq,
  ownBrokerOrSkip,
  startProxy,
  startRabbitmq,
  type TcpProxy,
} from '@millrace/brokers';
import { capabilities } from '@millrace/core/spi';
import { binder } from '../src/index';
import { BackDoor } from './back-door';

/** A process of its own runs what is compiled; without a build the checks that need one are skipped. */
const isBuilt = ['binder-rabbitmq', 'binder-test-suite', 'core'].every((name) =>
  existsSync(join(__dirname, '..', '..', name, 'dist', 'index.js')),
);

interface Place {
  readonly broker: OwnRabbitmq;
  readonly proxy: TcpProxy;
}

const shared = brokerOrSkip('rabbitmq');
const own = new WeakMap<World, Place>();

const ownPlace = (world: World): Place => {
  const place = own.get(world);
  if (place === undefined) throw new Error('not an own world of this subject');
  return place;
};

/** On the RabbitMQ that all tests share; the own world is another behind a proxy, which ends with it. */
export const rabbitmqSubject: BinderUnderTest = {
  name: 'rabbitmq',
  capabilities: capabilities({ durable: true, partitions: true, delayedRequeue: true }),
  absent: shared.skip ?? ownBrokerOrSkip('rabbitmq'),
  newWorld: () => worldOn(shared.address),
  newOwnWorld: async () => {
    const broker = await startRabbitmq();
    const proxy = await startProxy(broker.address);
    const world = worldOn(`amqp://${proxy.address}`, broker.url, async () => {
      await proxy.close();
      await broker.stop();
    });
    own.set(world, { broker, proxy });
    return world;
  },
  separateWorlds: true,
  concurrent: true,
  slow: 2,
  restartBroker: (world) => ownPlace(world).broker.restart(),
  loseConnections: async (world) => ownPlace(world).proxy.drop(),
  holdAnswers: async (world) => {
    const { proxy } = ownPlace(world);
    proxy.stall('answers');
    return async () => proxy.resume();
  },
  ...(isBuilt && { childProgram: join(__dirname, 'child-program.cjs') }),
};

function worldOn(url: string, direct = url, close: () => Promise<void> = async () => undefined): World {
  const backDoor = new BackDoor(direct);
  return {
    module: binder,
    // On a busy machine a process may stand still for as long as the default waits.
    options: { url, startTimeout: '60s' },
    watch: (destination) => backDoor.watch(destination),
    readRecords: (destination) => backDoor.records(destination),
    readDeadLetters: (destination, group) => backDoor.taken(`${destination}.${group}.dlq`, destination),
    publishRaw: (destination, record) => backDoor.publish(destination, record),
    close: async () => {
      await backDoor.close();
      await close();
    },
  };
}
