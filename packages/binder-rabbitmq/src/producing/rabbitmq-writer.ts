import type { Logger } from '@millrace/core/spi';
import { KeepOpen } from '../connection/keep-open';
import type { RabbitmqConnection } from '../connection/rabbitmq-connection';
import { Fifo } from '../fifo';
import { bindFailed, isBlamed, isExchangeFault, refusedSizeLimit, replyCodeOf, sendFailed } from '../rabbitmq-errors';
import type { ConnectionPort, MessageToPublish, PublisherPort } from '../rabbitmq-port';
import type { RabbitmqTroubles } from '../rabbitmq-troubles';
import { sizeOfProperties } from '../wire/rabbitmq-record';
import { type MessageLimits, overLimit } from './rabbitmq-limits';
import { closed, refused, unconfirmedInTime, unencodable, unroutable } from './rabbitmq-refusals';
import { RefusingChannel } from './rabbitmq-refusing-channel';
import { type Sending, Unconfirmed } from './rabbitmq-unconfirmed';

export interface WriterOptions {
  readonly binding: string;
  readonly connection: RabbitmqConnection;
  /** Sees to what the messages need, each time before anything is sent on a new channel. */
  readonly provision: (connection: ConnectionPort) => Promise<void>;
  /** Whether a message that no queue wants is refused. */
  readonly refusesUnroutable: boolean;
  /** What may be unconfirmed at once; then `send` waits. */
  readonly maxInFlight: { readonly records: number; readonly bytes: number };
  /** Longest body, in bytes. */
  readonly maxMessageBytes: number;
  /** Longest wait for a confirmation, in milliseconds. */
  readonly sendTimeout: number;
  readonly troubles: RabbitmqTroubles;
  readonly reconnect: { readonly initial: number; readonly max: number };
  readonly logger: Logger;
}

/** Node.js counts milliseconds of a timer in 31 bits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const DEFAULT_FRAME_MAX = 131_072;
/** From here on a reply code is about the connection, which others may have spoilt. */
const FIRST_CONNECTION_CODE = 500;

/**
 * Writes messages on a confirming channel of its own: in order, bounded, each with its own outcome. What is unconfirmed when the
 * channel goes is sent again on the next one, in the same order and before anything newer; so a message may be there twice, but
 * is never gone without its `send` rejecting.
 */
export class RabbitmqWriter {
  readonly #options: WriterOptions;
  readonly #keepOpen: KeepOpen;
  readonly #report: (trouble: Error | undefined) => void;
  readonly #reportBlocked: (trouble: Error | undefined) => void;
  readonly #waiting = new Fifo<Sending>();
  readonly #unconfirmed = new Unconfirmed();
  readonly #idleWaiters: (() => void)[] = [];
  readonly #unwatch: () => void;
  readonly #refusing = new RefusingChannel();
  #channel: PublisherPort | undefined;
  #isStarted = false;
  #unsettled = 0;
  #limits: MessageLimits;
  #timer: NodeJS.Timeout | undefined;
  /** How many may be under way at once: one by one after the broker has found fault, to learn with which. */
  #pace = Number.POSITIVE_INFINITY;

  constructor(options: WriterOptions) {
    const { connection, maxMessageBytes, troubles } = options;
    this.#options = options;
    this.#report = troubles.part();
    this.#reportBlocked = troubles.part();
    this.#limits = { bytes: maxMessageBytes, source: 'maxMessageBytes', frameMax: DEFAULT_FRAME_MAX };
    this.#keepOpen = new KeepOpen({
      ...options,
      what: 'producer',
      report: this.#report,
      open: (deadline) => this.#open(deadline),
    });
    this.#unwatch = connection.watch({ blocked: (reason) => this.#blocked(reason) });
  }

  /** Resolves when messages can be sent. One that is never started opens its channel with the first message. */
  start(startTimeout: number): Promise<void> {
    this.#isStarted = true;
    return this.#keepOpen.start(startTimeout);
  }

  /** Resolves when the broker has the message. Rejects with SEND_FAILED, PAYLOAD_TOO_LARGE or HEADER_INVALID. */
  send(message: MessageToPublish): Promise<void> {
    const headerBytes = sizeOfProperties(message.properties);
    const fault = overLimit(message, headerBytes, this.#limits);
    if (fault !== undefined) return Promise.reject(fault);
    if (this.#keepOpen.isEnded) return Promise.reject(closed(this.#options.binding));
    return new Promise((resolve, reject) => {
      const deadline = Date.now() + this.#options.sendTimeout;
      const size = headerBytes + message.body.byteLength;
      this.#waiting.push({
        message,
        headerBytes,
        size,
        deadline,
        resolve,
        reject,
        isOver: false,
        returned: undefined,
        strikes: 0,
      });
      this.#unsettled += 1;
      if (this.#timer === undefined) this.#watchTime(deadline);
      if (this.#channel !== undefined) this.#pump();
      else if (!this.#isStarted) {
        this.#isStarted = true;
        this.#keepOpen.begin();
      }
    });
  }

  /** Bytes of a frame on the connection, into one of which headers have to fit. */
  get frameMax(): number {
    return this.#limits.frameMax;
  }

  /** Waits until everything sent has its outcome, then lets the channel go. */
  async close(): Promise<void> {
    if (this.#unsettled > 0) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
    await this.abandon();
  }

  /** At once; what has no outcome yet is rejected. */
  async abandon(): Promise<void> {
    const ended = this.#keepOpen.end();
    this.#unwatch();
    clearTimeout(this.#timer);
    const channel = this.#channel;
    this.#channel = undefined;
    for (const sending of [...this.#unconfirmed.reset(), ...this.#waiting.drain()])
      this.#refuse(sending, closed(this.#options.binding));
    await ended;
    await channel?.close();
  }

  async #open(deadline: number | undefined): Promise<void> {
    const { connection, provision, binding } = this.#options;
    const port = await connection.open({
      deadline,
      signal: this.#keepOpen.signal,
      failed: (error) => this.#report(bindFailed(binding, error)),
    });
    await provision(port);
    const channel: PublisherPort = await port.openPublisher({
      confirmed: (number, multiple, isTaken) => this.#confirmed(number, multiple, isTaken),
      returned: (message, reason) => this.#returned(message, reason),
      closed: (error) => this.#closed(channel, error),
    });
    if (this.#keepOpen.isEnded) return channel.close();
    this.#limits = { ...this.#limits, frameMax: port.frameMax };
    this.#channel = channel;
    this.#refusing.opened(Date.now());
    this.#pump();
  }

  #pump(): void {
    const { maxInFlight, connection } = this.#options;
    const records = Math.min(maxInFlight.records, this.#pace);
    while (this.#waiting.length > 0 && this.#channel !== undefined && connection.blocked === undefined) {
      const isFull = this.#unconfirmed.length >= records || this.#unconfirmed.bytes >= maxInFlight.bytes;
      if (isFull) return;
      this.#publish(this.#channel, this.#waiting.shift() as Sending);
    }
  }

  #publish(channel: PublisherPort, sending: Sending): void {
    if (sending.isOver) return;
    // Limits may have become known since it was sent.
    const fault = overLimit(sending.message, sending.headerBytes, this.#limits);
    if (fault !== undefined) {
      this.#refuse(sending, fault);
      return;
    }
    try {
      if (channel.publish(sending.message, this.#options.refusesUnroutable)) this.#unconfirmed.add(sending);
      else this.#waitAgain(sending);
    } catch (cause) {
      this.#refuse(sending, unencodable(sending.message.exchange, cause));
    }
  }

  /** The channel is going this moment, and is going to say so. */
  #waitAgain(sending: Sending): void {
    this.#channel = undefined;
    this.#waiting.putFirst([sending]);
  }

  #confirmed(number: number, multiple: boolean, isTaken: boolean): void {
    this.#unconfirmed.confirm(number, multiple, (sending) => {
      if (sending.isOver) return;
      if (!isTaken) this.#refuse(sending, refused(sending.message));
      else if (sending.returned !== undefined) this.#refuse(sending, unroutable(sending.message, sending.returned));
      else {
        this.#settled(sending);
        sending.resolve();
      }
      this.#pace *= 2;
    });
    if (isTaken) this.#refusing.taken();
    else if (this.#refusing.refused(Date.now())) this.#replace();
    if (this.#waiting.length > 0) this.#pump();
  }

  /** What was refused has its outcome; what has none yet is sent again on the next one. */
  #replace(): void {
    const channel = this.#channel;
    if (channel === undefined) return;
    void channel.close();
    this.#closed(channel, new Error('the broker has refused everything on this channel; another may fare better'));
  }

  #returned(message: MessageToPublish, reason: string): void {
    const sending = this.#unconfirmed.findReturned(message);
    if (sending !== undefined) sending.returned = reason;
  }

  #closed(channel: PublisherPort, error: Error): void {
    if (this.#channel !== undefined && this.#channel !== channel) return;
    this.#channel = undefined;
    const unconfirmed = this.#unconfirmed.reset();
    this.#learn(error);
    if (isBlamed(error)) this.#blame(unconfirmed, error);
    this.#waiting.putFirst(unconfirmed.filter(({ isOver }) => !isOver));
    this.#keepOpen.broken(error);
  }

  /** One of them is at fault. It is known which where it was alone; otherwise they go again, one by one at first. */
  #blame(unconfirmed: readonly Sending[], error: Error): void {
    this.#pace = 1;
    const [first, ...others] = unconfirmed;
    if (first === undefined || others.length > 0) return;
    first.strikes += 1;
    // The exchange may be there again after it was provided for; the connection may have died of another's fault.
    const mayBeInnocent = isExchangeFault(error) || (replyCodeOf(error) ?? 0) >= FIRST_CONNECTION_CODE;
    if (first.strikes < (mayBeInnocent ? 2 : 1)) return;
    this.#refuse(first, sendFailed(first.message.exchange, error));
    if (!isExchangeFault(error)) return;
    for (const sending of this.#waiting.drain())
      if (sending.message.exchange === first.message.exchange)
        this.#refuse(sending, sendFailed(first.message.exchange, error));
      else this.#waiting.push(sending);
  }

  #learn(error: Error): void {
    const limit = refusedSizeLimit(error);
    if (limit !== undefined && limit < this.#limits.bytes)
      this.#limits = { ...this.#limits, bytes: limit, source: "the broker's max_message_size" };
  }

  #blocked(reason: string | undefined): void {
    const { binding } = this.#options;
    if (!this.#isStarted) return;
    this.#reportBlocked(
      reason === undefined
        ? undefined
        : new Error(`${binding}: the broker takes no messages just now (${reason}); sending waits`),
    );
    if (reason === undefined) this.#pump();
  }

  #refuse(sending: Sending, error: Error): void {
    this.#settled(sending);
    sending.reject(error);
  }

  #settled(sending: Sending): void {
    sending.isOver = true;
    this.#unsettled -= 1;
    if (this.#unsettled === 0) for (const wake of this.#idleWaiters.splice(0)) wake();
  }

  /** One timer for all: they are in the order of their deadlines. */
  #watchTime(deadline: number): void {
    const rest = Math.max(1, deadline - Date.now());
    this.#timer = setTimeout(() => this.#expire(), Math.min(rest, LONGEST_TIMER_MS));
  }

  #expire(): void {
    this.#timer = undefined;
    const now = Date.now();
    const { binding, sendTimeout, connection } = this.#options;
    const late = this.#unconfirmed.late(now);
    while ((this.#waiting.at(0)?.deadline ?? Number.POSITIVE_INFINITY) <= now)
      late.push(this.#waiting.shift() as Sending);
    for (const sending of late) this.#refuse(sending, unconfirmedInTime(binding, sendTimeout, connection.blocked));
    const next = this.#unconfirmed.oldest?.deadline ?? this.#waiting.at(0)?.deadline;
    if (next !== undefined) this.#watchTime(Math.max(next, now + 100));
  }
}
