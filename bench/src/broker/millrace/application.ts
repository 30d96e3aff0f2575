// Millrace over any broker: the binder is chosen by configuration.
import { type Application, type ApplicationOptions, type ChannelToken, channel, Millrace } from '@millrace/core';
import type { Workload } from '../../measure/workload';
import { NotedOrder, notedOrderOf, Order, orderOf } from '../../orders/order';
import { noteFor } from '../../orders/order-fields';
import { Handled } from '../handled';
import { type Task, workload } from '../task';

export type Component = new () => object;
type Config = NonNullable<ApplicationOptions['config']>;

export interface ApplicationFacts {
  readonly components?: readonly Component[];
  /** Name of the application, which is its sinks' group. */
  readonly group?: string;
  /** Destinations by channel, beside `orders` and `outputs`. */
  readonly destinations?: Readonly<Record<string, string>>;
  /** Options of every consumer of `orders`. */
  readonly consumer?: object;
}

const binderOf: Readonly<Record<Task['broker'], (task: Task) => object>> = {
  kafka: ({ address, contender }) => ({
    type: 'kafka',
    brokers: [address],
    ...(contender === 'millracePlatformatic' && { client: { producer: 'platformatic' } }),
  }),
  rabbitmq: ({ address }) => ({ type: 'rabbitmq', url: address }),
};

export function applicationOf(task: Task, facts: ApplicationFacts): Promise<Application> {
  const { broker, destination, output, unique, prefetch } = task;
  const { components = [], group = task.group ?? unique, destinations = {}, consumer = {} } = facts;
  const named = Object.entries(destinations).map(([name, of]) => [name, { destination: of }]);
  const config = {
    app: group,
    binders: { broker: binderOf[broker](task) },
    bindings: {
      orders: { destination, consumer: { ...(prefetch !== undefined && { prefetch }), ...consumer } },
      outputs: { destination: output },
      ...Object.fromEntries(named),
    },
  };
  return Millrace.create({ components: [...components], config: config as Config, logger: false });
}

export function channelOf(name: string, { bytes, validated }: Task): ChannelToken<Order> {
  return channel<Order>(name, noteFor(bytes) === undefined ? Order : NotedOrder, { validate: validated });
}

export function orderMaker({ bytes }: Task): (index: number) => Order {
  const note = noteFor(bytes);
  return note === undefined ? orderOf : (index) => notedOrderOf(index, note);
}

/** The messages of a round that are done; components are made before the first round. */
export class Round {
  #handled: Handled | undefined;

  begin(handled: Handled): void {
    this.#handled = handled;
  }

  add(messages: number): void {
    this.#handled?.add(messages);
  }
}

/** A new application for each round. */
export function rounds(
  task: Task,
  round: Round,
  facts: ApplicationFacts,
  watch: (app: Application) => void = () => undefined,
): Workload {
  let number = 0;
  return workload(async (messages, clock) => {
    const handled = new Handled(messages, clock);
    round.begin(handled);
    number += 1;
    const app = await applicationOf(task, { ...facts, group: task.group ?? `${task.unique}-${number}` });
    watch(app);
    await app.start();
    if (task.clockFrom === 'joined') handled.begin();
    await handled.all;
    await app.stop();
  });
}
