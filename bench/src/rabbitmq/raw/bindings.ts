import { type Channel, connect } from 'amqplib';
import { Handled } from '../../broker/handled';
import { memoryOfEach } from '../../broker/idle-memory';
import { readyTimes } from '../../broker/ready-times';
import { type Task, workload } from '../../broker/task';
import type { Workload } from '../../measure/workload';
import { declare, openConsuming, orderIn, take } from '../amqplib-client';

/** From the start of the process to the first message handled. */
export async function firstMessage(task: Task): Promise<Workload> {
  return workload(async (_messages, clock) => {
    const handled = new Handled(1, clock);
    const { channel, close } = await openConsuming(task);
    await take(channel, task.destination, (message) => {
      orderIn(message);
      handled.add(1);
      channel.ack(message);
    });
    await handled.all;
    const firstMessage = clock.sinceSpawn();
    await close();
    return { firstMessage };
  });
}

/** All on one connection, each with a channel of its own. */
export async function idle(task: Task): Promise<Workload> {
  const connection = await connect(task.address, { noDelay: true });
  return workload(
    (bindings) =>
      memoryOfEach(bindings, async (index) => consumeNothing(await connection.createChannel(), task, index)),
    () => connection.close(),
  );
}

export async function bindings(task: Task): Promise<Workload> {
  return workload((most) =>
    readyTimes(most, async (count) => {
      const connection = await connect(task.address, { noDelay: true });
      await Promise.all(
        Array.from({ length: count }, async (_, index) =>
          consumeNothing(await connection.createChannel(), task, index),
        ),
      );
      return () => connection.close();
    }),
  );
}

async function consumeNothing(channel: Channel, { destination }: Task, index: number): Promise<void> {
  await declare(channel, `${destination}-${index}`);
  await take(channel, `${destination}-${index}`, () => undefined);
}
