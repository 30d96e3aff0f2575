import {
  type Binder,
  type BinderModule,
  type ConsumerBinding,
  type ConsumerRequest,
  type Logger,
  type ProducerBinding,
  type ProducerRequest,
  settlements,
} from '@millrace/core/spi';
import { unique } from './unique';

/** A line that a binder logged. */
export interface LogLine {
  readonly level: keyof Logger;
  readonly facts: object;
  readonly message: string;
}

/**
 * A binder without an application around it, and all that it reports and logs: for what is the binder's own and the same for
 * no other, such as what it makes at the broker, or how it comes back. What is opened through it is closed with it.
 */
export class BareBinder {
  /** What its bindings reported, in the order they did; `undefined` is the end of a trouble. */
  readonly troubles: (Error | undefined)[] = [];
  readonly lines: LogLine[] = [];
  readonly #binder: Binder | Promise<Binder>;

  /** `options` are those of the configuration, without `type`. Throws what the binder's own schema says of them. */
  constructor(module: BinderModule, options: object = {}) {
    const line =
      (level: LogLine['level']) =>
      (facts: object, message: string): void => {
        this.lines.push({ level, facts, message });
      };
    const logger: Logger = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
    this.#binder = module.create({ name: module.type, app: 'test', options: module.options.parse(options), logger });
  }

  /** The last word of its bindings: `undefined` while all is well. */
  get trouble(): Error | undefined {
    return this.troubles.at(-1);
  }

  /** A producer binding named `orders`, without required groups and with the binder choosing the partition, unless `changes` say more. */
  async producer(destination: string, changes: Partial<ProducerRequest> = {}): Promise<ProducerBinding> {
    const binder = await this.#binder;
    return binder.bindProducer({
      binding: 'orders',
      native: {},
      report: (trouble) => this.troubles.push(trouble),
      destination,
      partitionCount: undefined,
      requiredGroups: [],
      ...changes,
    });
  }

  /**
   * A consumer binding in a group of its own that acknowledges everything one by one, with at most 32 deliveries open and
   * dead letters under the binder's own names, unless `changes` say more. `group: undefined` is a broadcast consumer.
   */
  async consumer(destination: string | string[], changes: Partial<ConsumerRequest> = {}): Promise<ConsumerBinding> {
    const binder = await this.#binder;
    const group = 'group' in changes ? changes.group : unique('baristas');
    return binder.bindConsumer({
      binding: `orders/${group}`,
      native: {},
      report: (trouble) => this.troubles.push(trouble),
      destinations: [destination].flat(),
      group,
      concurrency: 1,
      prefetch: 32,
      deadLetter: { destination: undefined, invalidDestination: undefined },
      delays: [],
      instance: undefined,
      deliver: async () => settlements.ack,
      ...changes,
    });
  }

  async close(): Promise<void> {
    const binder = await this.#binder;
    await binder.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
