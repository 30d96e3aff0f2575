// amqplib as its documentation shows it: a promise for each confirmation, an acknowledgement for each message.
import type { ConsumeMessage } from 'amqplib';
import { withCallers } from '../broker/callers';
import { isOrder } from '../broker/handled';
import { type ContenderWorkloads, type Task, workload } from '../broker/task';
import type { Workload } from '../measure/workload';
import { noteFor, plainOrder } from '../orders/order-fields';
import { bodyOf, messageRounds, openConfirming, orderIn, published } from './amqplib-client';

export const workloads: ContenderWorkloads = { produce, consume, process: processOrders };

/** Nobody's example sets it. */
const noDelay = false;

async function produce(task: Task): Promise<Workload> {
  const { channel, close } = await openConfirming(task, noDelay);
  const note = noteFor(task.bytes);
  return workload(
    (messages) =>
      withCallers(task.callers, messages, (index) =>
        published(channel, task.destination, bodyOf(plainOrder(index, note))),
      ),
    close,
  );
}

async function consume(task: Task): Promise<Workload> {
  return messageRounds(
    task,
    (channel, handled) => (message) => {
      isOrder(orderIn(message));
      channel.ack(message);
      handled.add(1);
    },
    noDelay,
  );
}

/** Where outputs may not overlap the broker sends one message at a time. */
async function processOrders(task: Task): Promise<Workload> {
  const { channel: publisher, close } = await openConfirming(task, noDelay);
  const { run } = messageRounds(
    { ...task, prefetch: task.overlapping ? task.prefetch : 1 } as Task,
    (channel, handled) => async (message: ConsumeMessage) => {
      const order = orderIn(message);
      isOrder(order);
      await published(publisher, task.output, bodyOf(order));
      channel.ack(message);
      handled.add(1);
    },
    noDelay,
  );
  return { run, close };
}
