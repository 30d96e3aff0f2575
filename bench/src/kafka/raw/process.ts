import type { EachBatchPayload, Message, Producer } from 'kafkajs';
import type { Handled } from '../../broker/handled';
import { isOrder } from '../../broker/handled';
import { type Task, workload } from '../../broker/task';
import type { Workload } from '../../measure/workload';
import type { OrderFields } from '../../orders/order-fields';
import { batchRounds, connectedProducer, messageMaker, recordsOfASend, send } from '../kafkajs-client';

type Fetched = EachBatchPayload['batch']['messages'][number];

export async function processOrders(task: Task): Promise<Workload> {
  const messageOf = messageMaker(task);
  return publishing(task, ({ key, value }) => {
    const order = JSON.parse(String(value)) as OrderFields;
    isOrder(order);
    return { ...messageOf(order), key };
  });
}

/** The bytes as they came, with the reason; what every consumer has that loses nothing. */
export async function deadLetter(task: Task): Promise<Workload> {
  return publishing(task, ({ key, value, headers, offset }) => {
    try {
      isOrder(JSON.parse(String(value)) as OrderFields);
    } catch (error) {
      const reason = error as Error;
      return {
        key,
        value,
        headers: {
          ...headers,
          'x-original-topic': task.destination,
          'x-original-offset': offset,
          'x-exception-message': reason.message,
          'x-exception-stacktrace': reason.stack ?? '',
        },
      };
    }
    throw new Error('an order that should be invalid is not');
  });
}

/** Outputs of a batch in sends of 500, all in flight; the batch is done when they are confirmed. */
async function publishing(task: Task, outputOf: (message: Fetched) => Message): Promise<Workload> {
  const producer = await connectedProducer(task);
  const size = recordsOfASend(task.bytes);
  const rounds = batchRounds(task, async ({ batch: { messages } }, handled) => {
    const sends: Promise<void>[] = [];
    for (let first = 0; first < messages.length; first += size) {
      const outputs = messages.slice(first, first + size).map(outputOf);
      sends.push(confirmed(producer, task.output, outputs, handled));
    }
    await Promise.all(sends);
  });
  return workload(
    async (messages, clock) => {
      await rounds.run(messages, clock);
    },
    () => producer.disconnect(),
  );
}

async function confirmed(producer: Producer, topic: string, outputs: Message[], handled: Handled): Promise<void> {
  await send(producer, topic, outputs);
  handled.add(outputs.length);
}
