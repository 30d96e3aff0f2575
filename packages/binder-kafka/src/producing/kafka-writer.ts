import { setTimeout as sleep } from 'node:timers/promises';
import { MillraceError } from '@millrace/core/spi';
import { grouped } from '../grouped';
import { isConnectionTrouble, isPassing, isTooLarge, sendFailed, sendTimedOut, typeOf } from '../kafka-errors';
import type { ProducerPort, RecordRoutes, RecordToSend } from '../kafka-port';
import { BATCH_OVERHEAD, sizeOf } from '../wire/kafka-record';
import { Batches, type BatchLimits } from './kafka-batches';
import { Deadlines } from './kafka-deadlines';
import { Quota } from './kafka-quota';
import { Sending } from './kafka-sending';
import { KafkaWritingTroubles } from './kafka-writing-troubles';

export interface WriterOptions {
  readonly routes: RecordRoutes;
  readonly newProducer: () => ProducerPort;
  readonly limits: BatchLimits;
  readonly maxInFlight: { readonly records: number; readonly bytes: number };
  /** Milliseconds after which a send rejects, whatever it waits for. */
  readonly sendTimeout: number;
  readonly isCompressed: boolean;
  readonly isIdempotent: boolean;
  /** The topic's max.message.bytes, where it is known. */
  readonly limitOf: (topic: string) => number | undefined;
  /** Called when the broker does not know the topic (any more); resolves when it does again. */
  readonly provision: (topic: string) => Promise<void>;
  readonly report: (trouble: Error | undefined) => void;
}

interface Fault {
  readonly failure: unknown;
  readonly mayPass: boolean;
  /** From a client that was replaced meanwhile: it says nothing of the next one. */
  readonly isOld: boolean;
}

/** About so long a request that failed waits to be tried again, beside the waits of the client. */
const PAUSE_MS = 100;

/**
 * Writes records to topics: coalesced by leader, bounded, in order for each partition, each with its own outcome. What fails in a
 * way that may pass is tried again until the callers' time is over, and holds up the partitions of its leader only. The client is connected when first needed and replaced after trouble
 * with its connection, because kafkajs keeps half-open ones.
 */
export class KafkaWriter {
  readonly #options: WriterOptions;
  readonly #quota: Quota;
  readonly #deadlines: Deadlines<Sending>;
  readonly #topics = new Map<string, Batches<Sending>>();
  /** What is out at this moment, one batch for each leader of a topic at most. */
  readonly #out: (readonly Sending[])[] = [];
  #producer: Promise<ProducerPort> | undefined;
  readonly #troubles: KafkaWritingTroubles;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#troubles = new KafkaWritingTroubles(options.report);
    this.#quota = new Quota(options.maxInFlight.records, options.maxInFlight.bytes);
    this.#deadlines = new Deadlines(options.sendTimeout, (late) => this.#expired(late));
  }

  /** Resolves when the client is connected. */
  async connect(): Promise<void> {
    try {
      await this.#connected();
    } catch (error) {
      await this.#renew();
      throw error;
    }
  }

  /** Resolves when the broker has the record. @throws MillraceError SEND_FAILED, PAYLOAD_TOO_LARGE */
  send(topic: string, record: RecordToSend): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.checkSize(topic, record);
      const size = sizeOf(record);
      const room = this.#quota.take(size);
      let isInside = room === undefined;
      const sending = new Sending({ topic, record, size }, resolve, reject, (ended) => {
        this.#deadlines.remove(ended);
        if (isInside) this.#quota.release(size);
      });
      this.#deadlines.add(sending);
      if (room === undefined) this.#batches(topic).add(sending);
      else
        void room.then(() => {
          isInside = true;
          if (sending.isOver) this.#quota.release(size);
          else this.#batches(topic).add(sending);
        });
    });
  }

  /** Waits for all that was sent, then disconnects. */
  async close(): Promise<void> {
    await Promise.all([...this.#topics.values()].map((batches) => batches.idle()));
    this.#deadlines.clear();
    await this.#renew();
  }

  /** Disconnects at once; what is under way is rejected. */
  async abandon(): Promise<void> {
    for (const sending of this.#deadlines.clear())
      sending.reject(sendFailed(sending.topic, new Error('the producer was closed before the broker had answered')));
    this.#sweep();
    await this.#renew();
  }

  #batches(topic: string): Batches<Sending> {
    const known = this.#topics.get(topic);
    if (known !== undefined) return known;
    const batches = new Batches<Sending>(
      () => this.#limits(topic),
      async (batch) => {
        this.#out.push(batch);
        return this.#transmit(topic, batch).finally(() => this.#out.splice(this.#out.indexOf(batch), 1));
      },
      {
        partitionOf: (sending) => this.#place(sending),
        leaderOf: (partition) => this.#options.routes.leaderOf(topic, partition),
      },
    );
    this.#topics.set(topic, batches);
    return batches;
  }

  /** For good, unless the topic turns out to be another one. */
  #place(sending: Sending): number | undefined {
    sending.partition ??= this.#options.routes.partitionOf(sending.topic, sending.record);
    return sending.partition;
  }

  #forget(topic: string, batch: readonly Sending[]): void {
    this.#options.routes.forget(topic);
    for (const sending of batch) sending.partition = undefined;
  }

  /** A request never holds more for one partition than the broker takes at once. */
  #limits(topic: string): BatchLimits {
    const { limits, limitOf } = this.#options;
    const limit = limitOf(topic);
    return limit === undefined ? limits : { ...limits, bytes: Math.min(limits.bytes, limit - BATCH_OVERHEAD) };
  }

  /** Only what is surely too large: the exact size is the broker's to know, which then refuses this record alone. */
  checkSize(topic: string, { key, value }: RecordToSend): void {
    const limit = this.#options.limitOf(topic);
    const least = (key?.byteLength ?? 0) + (value?.byteLength ?? 0);
    if (this.#options.isCompressed || limit === undefined || least <= limit) return;
    throw new MillraceError(
      'PAYLOAD_TOO_LARGE',
      `${least} bytes for topic ${topic}, which takes ${limit} (max.message.bytes): send less, or raise it`,
    );
  }

  #expired(late: readonly Sending[]): void {
    for (const sending of late) {
      const error = sendTimedOut(sending.topic, this.#options.sendTimeout, this.#troubles.current);
      if (this.#troubles.current === undefined) this.#troubles.silent(error);
      sending.reject(error);
    }
    this.#sweep();
    // Nobody waits for what is out: a client that still tries would only stand in the way of the next.
    if (this.#out.some((batch) => batch.every(({ isOver }) => isOver))) void this.#renew();
  }

  #sweep(): void {
    for (const batches of this.#topics.values()) batches.sweep();
  }

  /** Resolves with what tells the callers of those that the broker has taken last; all others have heard by then. */
  async #transmit(topic: string, batch: readonly Sending[]): Promise<() => void> {
    for (let wanted = batch; wanted.length > 0; ) {
      const fault = await this.#tryToSend(topic, wanted);
      if (fault === undefined) {
        this.#troubles.written(batch);
        const written = wanted;
        return () => {
          for (const sending of written) sending.resolve();
        };
      }
      const { failure, mayPass, isOld } = fault;
      if (wanted.length > 1 && isTooLarge(failure)) {
        // One of them is too large, or all together are: each goes alone, in order, and has its own outcome.
        this.#troubles.written(batch);
        for (const each of wanted) if (!each.isOver) (await this.#transmit(topic, [each]))();
        return () => undefined;
      }
      const error = sendFailed(topic, failure);
      if (!isOld && !isTooLarge(failure)) this.#troubles.failed(batch, error);
      if (mayPass) await sleep(PAUSE_MS * (0.5 + Math.random()));
      else for (const sending of wanted) sending.reject(error);
      const left = wanted.filter(({ isOver }) => !isOver);
      // The numbers of an idempotent client stand for the very records of the request.
      if (left.length < wanted.length && this.#options.isIdempotent) await this.#renew();
      wanted = left;
      const parts = this.#byLeader(topic, wanted);
      if (parts.length > 1) {
        // Leaders have changed, or were not known before: those that can be reached do not wait for the others.
        this.#troubles.givenUp(batch);
        await Promise.all(parts.map(async (part) => (await this.#transmit(topic, part))()));
        return () => undefined;
      }
    }
    this.#troubles.givenUp(batch);
    return () => undefined;
  }

  #byLeader(topic: string, batch: readonly Sending[]): Sending[][] {
    const parts = grouped(batch, (sending) => {
      const partition = this.#place(sending);
      return partition === undefined ? undefined : this.#options.routes.leaderOf(topic, partition);
    });
    return [...parts.values()];
  }

  /** What went wrong, if anything, and whether another try may do better; the client is fit for one afterwards. */
  async #tryToSend(topic: string, batch: readonly Sending[]): Promise<Fault | undefined> {
    const connecting = this.#connected();
    try {
      const producer = await connecting;
      const records = batch.map(({ placed }) => placed);
      await producer.send(topic, records, (written) => {
        const isWritten = new Set(written);
        for (const [index, record] of records.entries()) if (isWritten.has(record)) batch[index]?.resolve();
      });
      return undefined;
    } catch (thrown) {
      const failure = thrown ?? new Error('the client failed without a reason');
      if (this.#producer !== connecting) return { failure, mayPass: true, isOld: true };
      const mayPass = isPassing(failure);
      const isUnknown = typeOf(failure) === 'UNKNOWN_TOPIC_OR_PARTITION';
      if (isUnknown) this.#forget(topic, batch);
      await this.#mend(connecting, isUnknown || isConnectionTrouble(failure), mayPass);
      return { failure, mayPass: isUnknown ? await this.#isThereAgain(topic) : mayPass, isOld: false };
    }
  }

  /**
   * An idempotent client knows by its numbers what the broker may have already: as long as it repeats the very same request it
   * is kept, and only its connections are made anew (trap 13).
   */
  async #mend(connecting: Promise<ProducerPort>, isConnection: boolean, mayPass: boolean): Promise<void> {
    const { isIdempotent } = this.#options;
    const producer = await connecting.catch(() => undefined);
    if (this.#producer !== connecting) return;
    const isKept = producer !== undefined && (isIdempotent ? mayPass : !isConnection);
    if (!isKept) void this.#renew();
    else if (isConnection) producer.dropConnections();
  }

  async #isThereAgain(topic: string): Promise<boolean> {
    try {
      await this.#options.provision(topic);
      return true;
    } catch {
      return false;
    }
  }

  #connected(): Promise<ProducerPort> {
    if (this.#producer !== undefined) return this.#producer;
    this.#producer = connect(this.#options.newProducer());
    return this.#producer;
  }

  async #renew(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await (await producer?.catch(() => undefined))?.disconnect();
  }
}

async function connect(producer: ProducerPort): Promise<ProducerPort> {
  try {
    await producer.connect();
    return producer;
  } catch (error) {
    await producer.disconnect();
    throw error;
  }
}
