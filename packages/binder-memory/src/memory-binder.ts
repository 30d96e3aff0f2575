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
import { type MemoryOptions, parseMemoryConsumerOptions } from './memory-options';
import { MemoryProducer } from './memory-producer';

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
    private readonly ownsBroker: boolean,
  ) {}

  /** A binder with a broker of its own, which ends with it. */
  static alone({ options, logger }: BinderContext<MemoryOptions>): MemoryBinder {
    return new MemoryBinder(new MemoryBroker(options), logger, true);
  }

  /** A binder of a broker that others may use too, and that outlives it. */
  static sharing(broker: MemoryBroker, { logger }: BinderContext<unknown>): MemoryBinder {
    return new MemoryBinder(broker, logger, false);
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

  /** What is still open is given back, as if a connection had ended; a broker of its own ends too. */
  async close(): Promise<void> {
    for (const binding of this.bindings) binding.abandon();
    this.bindings.clear();
    if (this.ownsBroker) await this.broker.close();
  }

  private async closing(binding: MemoryProducer | MemoryConsumer): Promise<void> {
    await binding.close();
    this.bindings.delete(binding);
  }
}
