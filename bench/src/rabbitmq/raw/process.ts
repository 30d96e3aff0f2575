import type { Channel, ConsumeMessage, Options } from 'amqplib';
import { isOrder } from '../../broker/handled';
import type { Task } from '../../broker/task';
import type { Workload } from '../../measure/workload';
import { bodyOf, messageRounds, openConfirming, orderIn, publishOptions, publishOptionsMaker } from '../amqplib-client';

interface Output {
  readonly content: Buffer;
  readonly options: Options.Publish;
}

export async function processOrders(task: Task): Promise<Workload> {
  const optionsOf = publishOptionsMaker(task);
  return publishing(task, (message) => {
    const order = orderIn(message);
    isOrder(order);
    return { content: bodyOf(order), options: optionsOf() };
  });
}

/** The bytes as they came, with the reason; what every consumer has that loses nothing. */
export async function deadLetter(task: Task): Promise<Workload> {
  return publishing(task, (message) => {
    const { content, fields, properties } = message;
    try {
      isOrder(orderIn(message));
    } catch (error) {
      const reason = error as Error;
      const headers = {
        ...properties.headers,
        'x-original-exchange': fields.exchange,
        'x-original-routingKey': fields.routingKey,
        'x-exception-message': reason.message,
        'x-exception-stacktrace': reason.stack ?? '',
      };
      return { content, options: { ...publishOptions, headers } };
    }
    throw new Error('an order that should be invalid is not');
  });
}

/** As many outputs under way as the broker sends ahead; what is confirmed up to there is acknowledged together. */
async function publishing(task: Task, outputOf: (message: ConsumeMessage) => Output): Promise<Workload> {
  const { channel: publisher, close } = await openConfirming(task);
  const { run } = messageRounds(task, (channel, handled) => {
    const acks = new Acks(channel);
    return (message) => {
      const { content, options } = outputOf(message);
      publisher.publish(task.output, task.output, content, options, (error) => {
        if (error) throw error;
        acks.done(message.fields.deliveryTag);
        handled.add(1);
      });
    };
  });
  return { run, close };
}

/** Of one channel: a turn of the event loop acknowledges at most once, up to the first message that is not done. */
class Acks {
  readonly #channel: Channel;
  readonly #done = new Set<number>();
  #next = 1;
  #isDue = false;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  done(tag: number): void {
    this.#done.add(tag);
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.#flush();
    });
  }

  #flush(): void {
    const before = this.#next;
    while (this.#done.delete(this.#next)) this.#next += 1;
    if (this.#next === before) return;
    this.#channel.ack({ fields: { deliveryTag: this.#next - 1 } } as ConsumeMessage, true);
  }
}
