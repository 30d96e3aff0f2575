import {
  type Binder,
  type BinderContext,
  type ConsumerBinding,
  type ConsumerRequest,
  capabilities,
  isPattern,
  MillraceError,
  type ProducerBinding,
  type ProducerRequest,
} from '@millrace/core/spi';
import { kafkaPort } from './client/kafka-clients';
import { codecMissing, packagedCompressions } from './client/kafka-compression';
import { KafkaConsumer } from './consuming/kafka-consumer';
import { bindFailed } from './kafka-errors';
import {
  type KafkaConsumerOptions,
  type KafkaOptions,
  type KafkaProducerOptions,
  parseConsumerOptions,
  parseProducerOptions,
} from './kafka-options';
import type { KafkaPort } from './kafka-port';
import { KafkaTroubles } from './kafka-troubles';
import { KafkaProducer } from './producing/kafka-producer';
import { KafkaWriter } from './producing/kafka-writer';
import { checkTopicName, KafkaProvisioner } from './provisioning/kafka-provisioner';
import { KafkaOutputs } from './transactions/kafka-outputs';

/** Composition only: joins bindings to the brokers and remembers them until they are closed. */
export class KafkaBinder implements Binder {
  /** Not `countsDeliveries`: a log does not count how often it was read. */
  readonly capabilities = capabilities({
    history: true,
    durable: true,
    partitions: true,
    delayedRequeue: true,
    tombstones: true,
    patterns: true,
    exactlyOnce: true,
  });
  readonly #context: BinderContext<KafkaOptions>;
  readonly #port: KafkaPort;
  readonly #provisioner: KafkaProvisioner;
  /** What was sent under `exactlyOnce`, by producers, for consumers to commit. */
  readonly #outputs = new KafkaOutputs();
  readonly #bindings = new Set<KafkaProducer | KafkaConsumer>();

  constructor(context: BinderContext<KafkaOptions>, port: KafkaPort = kafkaPort(context)) {
    this.#context = context;
    this.#port = port;
    this.#provisioner = new KafkaProvisioner(context.options, () => port.admin());
  }

  async bindProducer(request: ProducerRequest): Promise<ProducerBinding> {
    const native = parseProducerOptions(request.native, request.binding);
    checkTopicName(request.destination, request.binding);
    this.#checkCodec(native.compression, request.binding);
    const mode = native.headerMode ?? this.#context.options.headerMode;
    const writer = this.#writer(native, request.report, async () => producer.provision());
    const producer = new KafkaProducer({
      request,
      native,
      mode,
      provisioner: this.#provisioner,
      writer,
      outputs: this.#outputs,
    });
    this.#bindings.add(producer);
    try {
      await producer.start();
    } catch (cause) {
      await this.#closing(producer);
      throw bindFailed(`${request.binding}: topic ${request.destination}`, cause);
    }
    return {
      send: (record) => producer.send(record),
      close: () => this.#closing(producer),
    };
  }

  async bindConsumer(request: ConsumerRequest): Promise<ConsumerBinding> {
    const { options, logger } = this.#context;
    const native = parseConsumerOptions(request.native, request.binding);
    for (const name of request.destinations.filter((each) => !isPattern(each))) checkTopicName(name, request.binding);
    checkIsolation(request, native);
    const troubles = new KafkaTroubles(request.report);
    const writer = this.#writer(parseProducerOptions({}, request.binding), troubles.reporter(), () =>
      consumer.provision(),
    );
    const parts = {
      request,
      troubles,
      options,
      native,
      port: this.#port,
      provisioner: this.#provisioner,
      writer,
      outputs: this.#outputs,
      logger,
    };
    const consumer = new KafkaConsumer(parts);
    this.#bindings.add(consumer);
    try {
      await consumer.start();
    } catch (cause) {
      this.#bindings.delete(consumer);
      await consumer.abandon();
      throw bindFailed(request.binding, cause);
    }
    const { deadLetter } = consumer;
    return {
      ...(deadLetter && { deadLetter }),
      pause: () => consumer.pause(),
      resume: () => consumer.resume(),
      close: () => this.#closing(consumer),
    };
  }

  /** What is still open is given back. */
  async close(): Promise<void> {
    const open = [...this.#bindings];
    this.#bindings.clear();
    await Promise.all(open.map((binding) => binding.abandon()));
    await this.#provisioner.close();
  }

  /** A client of its own for each binding: one unknown topic fails the sends of a client to all its topics (trap 15). */
  #writer(
    native: KafkaProducerOptions,
    report: (trouble: Error | undefined) => void,
    provision: (topic: string) => Promise<void>,
  ): KafkaWriter {
    const { compression, idempotent, batchRecords, batchBytes, linger, sendTimeout } = native;
    const routes = this.#port.routes();
    return new KafkaWriter({
      routes,
      newProducer: () => this.#port.producer({ compression, idempotent, sendTimeout, routes }),
      limits: { records: batchRecords, bytes: batchBytes, linger },
      maxInFlight: { records: native.maxInFlightRecords, bytes: native.maxInFlightBytes },
      sendTimeout,
      isCompressed: compression !== 'none',
      isIdempotent: idempotent,
      limitOf: (topic) => this.#provisioner.limitOf(topic),
      provision,
      report,
    });
  }

  /** @throws MillraceError CONFIGURATION_INVALID */
  #checkCodec(compression: KafkaProducerOptions['compression'], binding: string): void {
    const packaged = packagedCompressions.find((each) => each === compression);
    if (packaged !== undefined && !this.#port.compressions.has(packaged)) throw codecMissing(packaged, binding);
  }

  async #closing(binding: KafkaProducer | KafkaConsumer): Promise<void> {
    await binding.close();
    this.#bindings.delete(binding);
  }
}

/** @throws MillraceError CONFIGURATION_INVALID */
function checkIsolation({ exactlyOnce, binding }: ConsumerRequest, { isolation }: KafkaConsumerOptions): void {
  if (exactlyOnce !== true || isolation === 'readCommitted') return;
  throw new MillraceError(
    'CONFIGURATION_INVALID',
    `${binding}: exactlyOnce with 'isolation: readUncommitted' would handle what was never committed; drop 'isolation'`,
  );
}
