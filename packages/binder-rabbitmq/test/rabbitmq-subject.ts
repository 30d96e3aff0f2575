import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BinderUnderTest, World } from '@millrace/binder-test-suite';
import { type OwnRabbitmq, startProxy, startRabbitmq, type TcpProxy } from '@millrace/brokers';
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

const places = new WeakMap<World, Place>();

const placeOf = (world: World): Place => {
  const place = places.get(world);
  if (place === undefined) throw new Error('not a world of this subject');
  return place;
};

/** Each world is a RabbitMQ of its own behind a proxy, which ends with it. */
export const rabbitmqSubject: BinderUnderTest = {
  name: 'rabbitmq',
  capabilities: capabilities({ durable: true, partitions: true, delayedRequeue: true }),
  separateWorlds: true,
  slow: 2,
  newWorld: async () => {
    const broker = await startRabbitmq();
    const proxy = await startProxy(broker.address);
    const backDoor = new BackDoor(broker.url);
    const world: World = {
      module: binder,
      options: { url: `amqp://${proxy.address}` },
      watch: (destination) => backDoor.watch(destination),
      readRecords: (destination) => backDoor.records(destination),
      readDeadLetters: (destination, group) => backDoor.taken(`${destination}.${group}.dlq`, destination),
      publishRaw: (destination, record) => backDoor.publish(destination, record),
      close: async () => {
        await backDoor.close();
        await proxy.close();
        await broker.stop();
      },
    };
    places.set(world, { broker, proxy });
    return world;
  },
  restartBroker: (world) => placeOf(world).broker.restart(),
  loseConnections: async (world) => placeOf(world).proxy.drop(),
  ...(isBuilt && { childProgram: join(__dirname, 'child-program.cjs') }),
};
