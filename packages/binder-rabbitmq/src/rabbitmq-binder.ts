import {
  type Binder,
  type BinderContext,
  type ConsumerBinding,
  type ConsumerRequest,
  capabilities,
  type ProducerBinding,
  type ProducerRequest,
} from '@millrace/core/spi';
import { amqplibPort } from './client/rabbitmq-client';
import { connectionSettings } from './client/rabbitmq-credentials';
import { RabbitmqConnection } from './connection/rabbitmq-connection';
import { RabbitmqConsumer } from './consuming/rabbitmq-consumer';
import { RabbitmqProducer } from './producing/rabbitmq-producer';
import { RabbitmqWriter } from './producing/rabbitmq-writer';
import type { Declaration } from './provisioning/rabbitmq-declaration';
import { RabbitmqProvisioner } from './provisioning/rabbitmq-provisioner';
import { consumerTopology, producerTopology } from './provisioning/rabbitmq-topology';
import { bindFailed } from './rabbitmq-errors';
import {
  parseConsumerOptions,
  parseProducerOptions,
  type RabbitmqOptions,
  type RabbitmqProducerOptions,
} from './rabbitmq-options';
import { RabbitmqTroubles } from './rabbitmq-troubles';

/** Composition only: joins bindings to the broker and remembers them until they are closed. */
export class RabbitmqBinder implements Binder {
  /**
   * Not `history`: a queue holds what was sent since it was made. Not `countsDeliveries`: quorum queues count, classic ones do not.
   * Not `patterns`: a client cannot ask which exchanges there are.
   */
  readonly capabilities = capabilities({ durable: true, partitions: true, delayedRequeue: true });
  readonly #context: BinderContext<RabbitmqOptions>;
  /** Apart, because a broker that is short of memory reads nothing more from who publishes: verdicts have to get through. */
  readonly #publishing: RabbitmqConnection;
  readonly #consuming: RabbitmqConnection;
  readonly #provisioner: RabbitmqProvisioner;
  readonly #bindings = new Set<RabbitmqProducer | RabbitmqConsumer>();

  constructor(context: BinderContext<RabbitmqOptions>) {
    this.#context = context;
    this.#provisioner = new RabbitmqProvisioner(context.logger);
    this.#publishing = this.#connection('publishing');
    this.#consuming = this.#connection('consuming');
  }

  async bindProducer(request: ProducerRequest): Promise<ProducerBinding> {
    const { options } = this.#context;
    const { binding, destination } = request;
    const native = parseProducerOptions(request.native, binding);
    const topology = producerTopology(request, native, options);
    const troubles = new RabbitmqTroubles(request.report);
    const writer = this.#writer(binding, native, native.maxMessageBytes, troubles, () => topology.declarations);
    const outbound = {
      exchange: topology.exchange,
      routingKeyOf: topology.routingKeyOf,
      mode: native.headerMode ?? options.headerMode,
      isPersistent: native.deliveryMode === 'persistent',
      ttl: native.messageTtl,
    };
    const producer = new RabbitmqProducer({ binding, outbound, writer, startTimeout: options.startTimeout });
    await this.#opening(producer, `${binding}: exchange ${destination}`);
    return {
      send: (record) => producer.send(record),
      close: () => this.#closing(producer),
    };
  }

  async bindConsumer(request: ConsumerRequest): Promise<ConsumerBinding> {
    const { options, logger } = this.#context;
    const { binding } = request;
    const native = parseConsumerOptions(request.native, binding);
    const troubles = new RabbitmqTroubles(request.report);
    const topology = () => consumerTopology(request, native, options);
    const consumer = new RabbitmqConsumer({
      request,
      options,
      native,
      connection: this.#consuming,
      topology,
      provision: (connection, declarations) => this.#provisioner.provision(connection, declarations, binding),
      writer: this.#writer(
        binding,
        parseProducerOptions({}, binding),
        // What the broker has delivered it takes back.
        Number.POSITIVE_INFINITY,
        troubles,
        () => topology().declarations,
      ),
      troubles,
      logger,
    });
    await this.#opening(consumer, binding);
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
    await Promise.all([this.#publishing.close(), this.#consuming.close()]);
  }

  #connection(purpose: string): RabbitmqConnection {
    const { options, logger, app, name } = this.#context;
    return new RabbitmqConnection({
      purpose,
      port: amqplibPort,
      settings: connectionSettings(options, `${options.connectionName ?? `${app}/${name}`} ${purpose}`),
      reconnect: options.reconnect,
      logger,
    });
  }

  /** A channel of its own for each binding: what closes one leaves the others alone. */
  #writer(
    binding: string,
    native: RabbitmqProducerOptions,
    maxMessageBytes: number,
    troubles: RabbitmqTroubles,
    declarations: () => readonly Declaration[],
  ): RabbitmqWriter {
    const { options, logger } = this.#context;
    return new RabbitmqWriter({
      binding,
      connection: this.#publishing,
      provision: (connection) => this.#provisioner.provision(connection, declarations(), binding),
      refusesUnroutable: native.unroutable === 'error',
      maxInFlight: { records: native.maxInFlightRecords, bytes: native.maxInFlightBytes },
      maxMessageBytes,
      sendTimeout: native.sendTimeout,
      troubles,
      reconnect: options.reconnect,
      logger,
    });
  }

  async #opening(binding: RabbitmqProducer | RabbitmqConsumer, what: string): Promise<void> {
    this.#bindings.add(binding);
    try {
      await binding.start();
    } catch (cause) {
      this.#bindings.delete(binding);
      await binding.abandon();
      throw bindFailed(what, cause);
    }
  }

  async #closing(binding: RabbitmqProducer | RabbitmqConsumer): Promise<void> {
    await binding.close();
    this.#bindings.delete(binding);
  }
}
