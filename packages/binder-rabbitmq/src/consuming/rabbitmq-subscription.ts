import { finishedWithin, type Logger } from '@millrace/core/spi';
import { KeepOpen } from '../connection/keep-open';
import type { RabbitmqConnection } from '../connection/rabbitmq-connection';
import type { ConsumerQueue } from '../provisioning/rabbitmq-topology';
import { bindFailed } from '../rabbitmq-errors';
import type { ConnectionPort, ConsumeOptions, ConsumerPort } from '../rabbitmq-port';
import { RabbitmqAcks } from './rabbitmq-acks';
import type { Arrival } from './rabbitmq-deliveries';

export interface SubscriptionOptions {
  readonly binding: string;
  readonly connection: RabbitmqConnection;
  /** Sees to exchange, queue and bindings, and gives the queue to read: at the start and after every trouble. */
  readonly provision: (connection: ConnectionPort) => Promise<ConsumerQueue>;
  readonly consume: ConsumeOptions;
  readonly arrived: (arrival: Arrival) => void;
  readonly report: (trouble: Error | undefined) => void;
  readonly reconnect: { readonly initial: number; readonly max: number };
  readonly logger: Logger;
}

const CANCEL_LIMIT_MS = 2_000;

/** One channel, and what it is to the broker just now. */
interface Session {
  readonly channel: ConsumerPort;
  readonly acks: RabbitmqAcks;
  queue: ConsumerQueue;
  isConsuming: boolean;
}

/**
 * Keeps a consumer of one queue alive. Its connection may be lost, its channel closed by the broker, or the consumer alone be
 * ended (traps 2, 4, 6): each time queue and bindings are seen to again and it consumes on.
 */
export class RabbitmqSubscription {
  readonly #options: SubscriptionOptions;
  readonly #keepOpen: KeepOpen;
  #session: Session | undefined;
  #isPaused = false;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#keepOpen = new KeepOpen({ ...options, what: 'consumer', open: (deadline) => this.#open(deadline) });
  }

  /** Resolves when the broker delivers. */
  start(startTimeout: number): Promise<void> {
    return this.#keepOpen.start(startTimeout);
  }

  /** The broker delivers nothing more to it; what is open stays open. */
  async pause(): Promise<void> {
    this.#isPaused = true;
    // One that is to be opened will not consume.
    if (this.#session === undefined) return;
    await this.#keepOpen.inTurn(async () => {
      const session = this.#session;
      if (session === undefined || !session.isConsuming || !this.#isPaused) return;
      session.isConsuming = false;
      // A channel that is gone delivers nothing either, and a broker that has gone silent neither.
      await finishedWithin(session.channel.cancel(), CANCEL_LIMIT_MS);
    });
  }

  async resume(): Promise<void> {
    this.#isPaused = false;
    if (this.#session === undefined) return;
    await this.#keepOpen
      .inTurn(async () => {
        if (this.#session !== undefined) await this.#consume(this.#session);
      })
      .catch(this.#keepOpen.broken);
  }

  /** Tells the broker every verdict, and gives the rest back. */
  async end(): Promise<void> {
    await this.#keepOpen.end();
    const session = this.#session;
    this.#session = undefined;
    session?.acks.flush();
    session?.acks.end();
    await session?.channel.close();
  }

  async #open(deadline: number | undefined): Promise<void> {
    const { connection, provision, report, binding } = this.#options;
    const port = await connection.open({
      deadline,
      signal: this.#keepOpen.signal,
      failed: (error) => report(bindFailed(binding, error)),
    });
    const queue = await provision(port);
    const session = this.#session ?? (await this.#newSession(port, queue));
    if (this.#keepOpen.isEnded) return session.channel.close();
    session.queue = queue;
    this.#session = session;
    await this.#consume(session);
  }

  async #newSession(port: ConnectionPort, queue: ConsumerQueue): Promise<Session> {
    const channel: ConsumerPort = await port.openConsumer({
      message: (message) => {
        session.acks.arrived(message.tag);
        this.#options.arrived({ queue: session.queue, message, acks: session.acks });
      },
      cancelled: () => this.#cancelled(session),
      closed: (error) => this.#closed(session, error),
    });
    const session: Session = {
      channel,
      acks: new RabbitmqAcks(channel, this.#options.consume.prefetch),
      queue,
      isConsuming: false,
    };
    return session;
  }

  async #consume(session: Session): Promise<void> {
    if (this.#isPaused || session.isConsuming || this.#keepOpen.isEnded) return;
    // Deliveries begin before the answer is here.
    session.isConsuming = true;
    try {
      await session.channel.consume(session.queue.queue, this.#options.consume);
    } catch (error) {
      session.isConsuming = false;
      throw error;
    }
  }

  #cancelled(session: Session): void {
    session.isConsuming = false;
    if (this.#session === session)
      this.#keepOpen.broken(new Error(`the broker has ended the consumer of queue ${session.queue.queue}`));
  }

  #closed(session: Session, error: Error): void {
    session.isConsuming = false;
    session.acks.end();
    if (this.#session !== session) return;
    this.#session = undefined;
    this.#keepOpen.broken(error);
  }
}
