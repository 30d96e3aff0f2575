import type { ConsumerRequest, DeadLetter, Logger } from '@millrace/core/spi';
import type { RabbitmqConnection } from '../connection/rabbitmq-connection';
import { deadLetterMessage } from '../failed/rabbitmq-dead-letters';
import { RabbitmqParking } from '../failed/rabbitmq-parking';
import { RabbitmqRetryQueues } from '../failed/rabbitmq-retry-queues';
import type { RabbitmqWriter } from '../producing/rabbitmq-writer';
import type { Declaration } from '../provisioning/rabbitmq-declaration';
import type { ConsumerQueue, ConsumerTopology } from '../provisioning/rabbitmq-topology';
import { bindFailed, isUnroutable } from '../rabbitmq-errors';
import type { RabbitmqConsumerOptions, RabbitmqOptions } from '../rabbitmq-options';
import type { ConnectionPort, ConsumeOptions } from '../rabbitmq-port';
import type { RabbitmqTroubles } from '../rabbitmq-troubles';
import { type InboundOptions, recordsOf } from '../wire/rabbitmq-record';
import { sourceOf } from '../wire/source-mark';
import { RabbitmqDeliveries } from './rabbitmq-deliveries';
import { RabbitmqSubscription } from './rabbitmq-subscription';
import { RepeatedCheck } from './repeated-check';

export interface RabbitmqConsumerParts {
  readonly request: ConsumerRequest;
  readonly options: RabbitmqOptions;
  readonly native: RabbitmqConsumerOptions;
  readonly connection: RabbitmqConnection;
  /** Exchanges, queues and bindings; asked again for each new connection, as a broadcast has other names then. */
  readonly topology: () => ConsumerTopology;
  readonly provision: (connection: ConnectionPort, declarations: readonly Declaration[]) => Promise<void>;
  /** For dead letters and parked records; its channel is opened when first needed. */
  readonly writer: RabbitmqWriter;
  readonly troubles: RabbitmqTroubles;
  readonly logger: Logger;
}

/** One consumer binding: puts together what reads, hands over, settles, parks and writes dead letters. */
export class RabbitmqConsumer {
  readonly #parts: RabbitmqConsumerParts;
  readonly #inbound: InboundOptions;
  readonly #deliveries: RabbitmqDeliveries;
  readonly #subscriptions: readonly RabbitmqSubscription[];
  readonly #parking: RabbitmqParking | undefined;
  readonly #check: RepeatedCheck;
  readonly #reportCheck: (trouble: Error | undefined) => void;
  #topology: ConsumerTopology;
  #provisionedFor: ConnectionPort | undefined;
  #provisioning: Promise<void> | undefined;

  constructor(parts: RabbitmqConsumerParts) {
    const { request, options, native, troubles } = parts;
    this.#parts = parts;
    this.#topology = parts.topology();
    this.#inbound = {
      mode: native.headerMode ?? options.headerMode,
      maxDecompressedBytes: native.maxDecompressedBytes,
    };
    this.#deliveries = new RabbitmqDeliveries({
      request,
      recordsOf: ({ message, queue, acks }) => recordsOf(message, queue, this.#inbound, acks),
      park: async (record, delayMs, headers) => (await this.#parking?.park(record.source, delayMs, headers)) ?? false,
      report: troubles.part(),
    });
    this.#subscriptions = this.#topology.queues.map((_, place) => this.#subscription(place));
    if (this.#topology.canPark) this.#parking = this.#newParking();
    this.#reportCheck = troubles.part();
    this.#check = new RepeatedCheck(() => this.#provisionAgain(), options.provisionInterval);
  }

  get deadLetter(): ((letter: DeadLetter) => Promise<void>) | undefined {
    return this.#topology.deadLetters && ((letter) => this.#writeDeadLetter(letter));
  }

  /** Resolves when the broker delivers from every queue. */
  async start(): Promise<void> {
    const { startTimeout } = this.#parts.options;
    await Promise.all(this.#subscriptions.map((each) => each.start(startTimeout)));
    this.#check.begin();
  }

  async pause(): Promise<void> {
    this.#deliveries.rest();
    if (!this.#isPausedByCancelling) return;
    await Promise.all(this.#subscriptions.map((each) => each.pause()));
    this.#deliveries.giveBack();
  }

  async resume(): Promise<void> {
    this.#deliveries.go();
    await Promise.all(this.#subscriptions.map((each) => each.resume()));
  }

  async close(): Promise<void> {
    this.#deliveries.end();
    if (!this.#topology.hasOneReader) await Promise.all(this.#subscriptions.map((each) => each.pause()));
    await this.#deliveries.idle();
    await this.#leave();
  }

  /** Goes without waiting for core: what is open is given back. */
  async abandon(): Promise<void> {
    this.#deliveries.end();
    await this.#leave();
  }

  /**
   * Others are paused by handing over nothing more: a queue that goes with its last consumer would take along what it holds, and
   * where there is one reader at a time the next would begin behind what is open here.
   */
  get #isPausedByCancelling(): boolean {
    return this.#topology.canPark && !this.#topology.hasOneReader;
  }

  async #leave(): Promise<void> {
    this.#check.end();
    await Promise.all([...this.#subscriptions.map((each) => each.end()), this.#parts.writer.abandon()]);
  }

  #subscription(place: number): RabbitmqSubscription {
    const { request, options, connection, troubles, logger } = this.#parts;
    return new RabbitmqSubscription({
      binding: request.binding,
      connection,
      provision: async (port) => {
        await this.#provision(port);
        return this.#topology.queues[place] as ConsumerQueue;
      },
      consume: this.#consumeOptions(place),
      arrived: (arrival) => this.#deliveries.arrived(arrival),
      report: troubles.part(),
      reconnect: options.reconnect,
      logger,
    });
  }

  #consumeOptions(place: number): ConsumeOptions {
    const { request, native } = this.#parts;
    const { consumerTagPrefix, exclusive, consumerPriority } = native;
    return {
      prefetch: Math.max(1, Math.floor(request.prefetch / this.#topology.queues.length)),
      tag: consumerTagPrefix === undefined ? undefined : `${consumerTagPrefix}#${place}`,
      exclusive,
      arguments: consumerPriority === undefined ? {} : { 'x-priority': consumerPriority },
    };
  }

  #newParking(): RabbitmqParking {
    const { request, native, writer } = this.#parts;
    return new RabbitmqParking({
      queues: new RabbitmqRetryQueues({
        delays: request.delays,
        canDeclare: this.#topology.canDeclare,
        isQuorum: native.queueType === 'quorum',
      }),
      writer,
      declare: (queue) => this.#declare([{ kind: 'queue', ...queue }]),
      provision: () => this.#declare(this.#topology.declarations),
    });
  }

  /** Once for all queues, when they are in trouble together. */
  #provision(connection: ConnectionPort): Promise<void> {
    const isNew = this.#provisionedFor !== connection;
    if (!isNew && this.#provisioning !== undefined) return this.#provisioning;
    if (isNew && this.#provisionedFor !== undefined) this.#topology = this.#parts.topology();
    this.#provisionedFor = connection;
    const provisioning = this.#provisionNow(connection).finally(() => {
      if (this.#provisioning === provisioning) this.#provisioning = undefined;
    });
    this.#provisioning = provisioning;
    return provisioning;
  }

  async #provisionNow(connection: ConnectionPort): Promise<void> {
    await this.#parts.provision(connection, this.#topology.declarations);
    this.#reportCheck(undefined);
  }

  /** An exchange or a binding may be gone without a word. What has become of queue and consumer the broker tells. */
  async #provisionAgain(): Promise<void> {
    const connection = this.#parts.connection.current;
    if (connection === undefined || connection !== this.#provisionedFor) return;
    try {
      await this.#provision(connection);
    } catch (error) {
      // Where the connection is lost, others see to it.
      if (this.#parts.connection.current === connection)
        this.#reportCheck(bindFailed(this.#parts.request.binding, error));
    }
  }

  async #declare(declarations: readonly Declaration[]): Promise<void> {
    await this.#parts.provision(await this.#parts.connection.open(), declarations);
  }

  async #writeDeadLetter(letter: DeadLetter): Promise<void> {
    const { writer } = this.#parts;
    const { deadLetters, declarations } = this.#topology;
    if (deadLetters === undefined) throw new Error(`${letter.binding} has no place for dead letters`);
    const source = sourceOf(letter.record.headers);
    const places = deadLetters(letter.kind, source?.queue.queue ?? letter.record.destination);
    const attempts = places.map((to) => () => writer.send(deadLetterMessage(letter, source, to, writer.frameMax)));
    // Nobody may read the destination that was configured; and somebody may have deleted the queue that keeps them.
    const restored = async (): Promise<void> => {
      await this.#declare(declarations);
      await attempts.at(-1)?.();
    };
    await firstRouted([...attempts, restored]);
  }
}

/** Makes one attempt after the other, until one finds a queue. */
async function firstRouted(attempts: readonly (() => Promise<void>)[]): Promise<void> {
  let unroutable: unknown;
  for (const attempt of attempts) {
    try {
      return await attempt();
    } catch (error) {
      if (!isUnroutable(error)) throw error;
      unroutable = error;
    }
  }
  throw unroutable;
}
