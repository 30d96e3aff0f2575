// kafkajs as its documentation shows it: a send for each message, eachMessage with automatic commits.
import { withCallers } from '../broker/callers';
import { Handled, isOrder } from '../broker/handled';
import { Latencies } from '../broker/latencies';
import { type ContenderWorkloads, type Task, workload } from '../broker/task';
import type { Workload } from '../measure/workload';
import { noteFor, type OrderFields, plainOrder } from '../orders/order-fields';
import { connectedProducer, joinedConsumer, messageOf, send } from './kafkajs-client';

export const workloads: ContenderWorkloads = { produce, consume, process: processOrders, latency };

async function produce(task: Task): Promise<Workload> {
  const producer = await connectedProducer(task);
  const note = noteFor(task.bytes);
  return workload(
    (messages) =>
      withCallers(task.callers, messages, (index) =>
        send(producer, task.destination, [messageOf(plainOrder(index, note))]),
      ),
    () => producer.disconnect(),
  );
}

async function consume(task: Task): Promise<Workload> {
  return messageRounds(task, async (order) => {
    isOrder(order);
  });
}

async function processOrders(task: Task): Promise<Workload> {
  const producer = await connectedProducer(task);
  const rounds = messageRounds(task, async (order) => {
    isOrder(order);
    await send(producer, task.output, [messageOf(order)]);
  });
  return { run: rounds.run, close: () => producer.disconnect() };
}

async function latency(task: Task): Promise<Workload> {
  const latencies = new Latencies();
  const producer = await connectedProducer(task);
  const { consumer, joined } = await joinedConsumer(task, task.unique, task.destination);
  await consumer.run({
    eachMessage: async ({ message: { value } }) => latencies.handled(JSON.parse(String(value)) as OrderFields),
  });
  await joined;
  return workload(
    (messages) =>
      latencies.measure(messages, (index) => send(producer, task.destination, [messageOf(plainOrder(index))])),
    () => Promise.all([consumer.disconnect(), producer.disconnect()]),
  );
}

/** A group of its own for each round, which reads from the beginning. */
function messageRounds(task: Task, handle: (order: OrderFields) => Promise<void>): Workload {
  let round = 0;
  return workload(async (messages, clock) => {
    round += 1;
    const handled = new Handled(messages, clock);
    const { consumer } = await joinedConsumer(task, `${task.unique}-${round}`, task.destination);
    await consumer.run({
      partitionsConsumedConcurrently: task.partitions,
      eachMessage: async ({ message: { value } }) => {
        await handle(JSON.parse(String(value)) as OrderFields);
        handled.add(1);
      },
    });
    if (task.clockFrom === 'joined') handled.begin();
    await handled.all;
    await consumer.disconnect();
  });
}
