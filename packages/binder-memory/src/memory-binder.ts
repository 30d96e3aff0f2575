import {
  type Binder,
  type BinderContext,
  type ConsumerBinding,
  type ConsumerRequest,
  capabilities,
  type Logger,
  type ProducerBinding,
  type ProducerRequest,
} from '@millrace/core/spi';
import { MemoryBroker } from './memory-broker';
import { MemoryConsumer } from './memory-consumer';
import { MemoryDeadLetters } from './memory-dead-letters';
import { type MemoryBinderOptions, parseMemoryConsumerOptions } from './memory-options';
import { MemoryProducer } from './memory-producer';
import type { NamedBrokers } from './named-brokers';

/** Composition only: joins bindings to the broker and remembers them until they are closed. */
export class MemoryBinder implements Binder {
  /** Not `durable`: a memory broker ends with its process. */
  readonly capabilities = capabilities({
    history: true,
    partitions: true,
    delayedRequeue: true,
    countsDeliveries: true,
    tombstones: true,
    patterns: true,
  });
  private readonly bindings = new Set<MemoryProducer | MemoryConsumer>();

  private constructor(
    private readonly broker: MemoryBroker,
    private readonly logger: Logger,
    private readonly leaveBroker: () => Promise<void>,
  ) {}

  /** A binder as its options want it: with a broker of its own, which ends with it, or with a named one of this process. */
  static configured({ name, options, logger }: BinderContext<MemoryBinderOptions>, named: NamedBrokers): MemoryBinder {
    const { broker: wanted, ...brokerOptions } = options;
    if (wanted !== undefined) {
      const { broker, end } = named.use(wanted, brokerOptions, name);
      return new MemoryBinder(broker, logger, end);
    }
    const broker = new MemoryBroker(brokerOptions);
    return new MemoryBinder(broker, logger, () => broker.close());
  }

  /** A binder of a broker that others may use too, and that outlives it. */
  static sharing(broker: MemoryBroker, { logger }: BinderContext<unknown>): MemoryBinder {
    return new MemoryBinder(broker, logger, async () => undefined);
  }

  async bindProducer(request: ProducerRequest): Promise<ProducerBinding> {
    const { broker, logger } = this;
    const destination = broker.declare(request.destination, request.partitionCount);
    for (const group of request.requiredGroups) destination.group(group, 'earliest');
    const producer = new MemoryProducer({ binding: request.binding, destination, broker, logger });
    this.bindings.add(producer);
    return {
      send: (record) => producer.send(record),
      close: () => this.closing(producer),
    };
  }

  async bindConsumer(request: ConsumerRequest): Promise<ConsumerBinding> {
    const { broker } = this;
    const { destinations, group } = request;
    const { startFrom } = parseMemoryConsumerOptions(request.native, request.binding);
    const deadLetters = request.deadLetter && new MemoryDeadLetters(broker, group, request.deadLetter);
    deadLetters?.provision(destinations);
    const consumer = new MemoryConsumer(request, broker.pace, this.logger);
    consumer.reads(
      broker.subscribe(consumer, { destinations, group, startFrom, except: deadLetters?.configured ?? [] }),
    );
    this.bindings.add(consumer);
    return {
      ...(deadLetters && { deadLetter: (letter) => deadLetters.write(letter) }),
      vitals: () => consumer.vitals(),
      pause: () => consumer.pause(),
      resume: () => consumer.resume(),
      close: () => this.closing(consumer),
    };
  }

  /** What is still open is given back, as if a connection had ended; a broker that nobody else uses ends too. */
  async close(): Promise<void> {
    for (const binding of this.bindings) binding.abandon();
    this.bindings.clear();
    await this.leaveBroker();
  }

  private async closing(binding: MemoryProducer | MemoryConsumer): Promise<void> {
    await binding.close();
    this.bindings.delete(binding);
  }
}
