import { finishedWithin } from '@millrace/core/spi';
import { grouped } from '../grouped';
import { isPassing, worstOf } from '../kafka-errors';
import type { ProducerPort, ProducerPortOptions, RecordRoutes, RecordToSend } from '../kafka-port';
import { CLOSE_LIMIT_MS, type ClientOptions } from './kafkajs-settings';
import { pauseBetween } from './pause-between';
import { PlatformaticCluster } from './platformatic-cluster';
import { answerOf, type Line, PlatformaticConnections } from './platformatic-connections';
import { faultOf, refused, withoutLeader, withoutPartition } from './platformatic-faults';
import type { PlatformaticLibrary, ProduceAnswer } from './platformatic-library';
import { type PlacedRecord, PlatformaticMessages } from './platformatic-messages';
import { Unanswered } from './unanswered';

/** What a try has left over, and why. */
interface Left {
  readonly records: readonly PlacedRecord[];
  readonly fault: unknown;
}

/**
 * Over the connections and requests of @platformatic/kafka, not over its producer: that fails all partitions of a topic while
 * one has no leader, ends the process where a leader is not known, and repeats whole requests. Here each leader gets one request,
 * and a repeat holds only what was not confirmed.
 */
export class PlatformaticProducer implements ProducerPort {
  readonly #library: PlatformaticLibrary;
  readonly #options: ClientOptions;
  readonly #routes: RecordRoutes;
  readonly #connections: PlatformaticConnections;
  readonly #cluster: PlatformaticCluster;
  readonly #messages: PlatformaticMessages;
  readonly #unanswered = new Unanswered();
  /** Those that are written and not answered. */
  readonly #requests = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();

  constructor(library: PlatformaticLibrary, options: ClientOptions, { compression, routes }: ProducerPortOptions) {
    this.#library = library;
    this.#options = options;
    this.#routes = routes;
    this.#messages = new PlatformaticMessages(library, compression);
    this.#connections = new PlatformaticConnections(library, options);
    this.#cluster = new PlatformaticCluster(library, this.#connections, options);
  }

  connect(): Promise<void> {
    return this.#unanswered.add(this.#patiently(() => this.#cluster.reach()));
  }

  send(topic: string, records: readonly RecordToSend[]): Promise<void> {
    return this.#unanswered.add(this.#sendAll(topic, records));
  }

  dropConnections(): void {
    this.#connections.drop();
  }

  /** Answers that are under way are waited for: what another leader has is not to be written again because of this one. */
  async disconnect(): Promise<void> {
    this.#closing.abort();
    await finishedWithin(Promise.allSettled(this.#requests), CLOSE_LIMIT_MS);
    this.#connections.destroy();
    this.#unanswered.reject();
  }

  async #sendAll(topic: string, records: readonly RecordToSend[]): Promise<void> {
    let left: readonly PlacedRecord[] | undefined;
    await this.#patiently(async () => {
      const leaders = await this.#cluster.leaders(topic, this.#routes);
      left ??= this.#messages.place(topic, records, this.#routes);
      const outcome = await this.#sendOnce(topic, left, leaders);
      if (outcome === undefined) return;
      left = outcome.records;
      this.#cluster.doubt(topic);
      throw outcome.fault;
    });
  }

  /** Tries again, with growing and uneven pauses, what may pass. */
  async #patiently(work: () => Promise<void>): Promise<void> {
    const { retries } = this.#options.retry;
    for (let tried = 0; ; tried += 1) {
      try {
        return await work();
      } catch (error) {
        if (tried >= retries || !isPassing(error)) throw error;
        await pauseBetween(this.#options, tried, this.#closing.signal);
        if (this.#closing.signal.aborted) throw error;
      }
    }
  }

  /** Nothing is sent where a leader is missing: the caller then sends to each leader alone. */
  async #sendOnce(
    topic: string,
    records: readonly PlacedRecord[],
    leaders: ReadonlyMap<number, number>,
  ): Promise<Left | undefined> {
    for (const { partition } of records) {
      const leader = leaders.get(partition);
      if (leader === undefined) return { records, fault: withoutPartition(topic, partition) };
      if (leader < 0) return { records, fault: withoutLeader(topic, partition) };
    }
    const parts = grouped(records, ({ partition }) => leaders.get(partition) as number);
    const outcomes = await Promise.all([...parts].map(([leader, part]) => this.#sendTo(leader, topic, part)));
    const left = outcomes.filter((each) => each !== undefined);
    if (left.length === 0) return undefined;
    return { records: left.flatMap((each) => each.records), fault: worstOf(left.map(({ fault }) => fault)) };
  }

  async #sendTo(leader: number, topic: string, records: PlacedRecord[]): Promise<Left | undefined> {
    const address = this.#cluster.address(leader);
    if (address === undefined) return { records, fault: withoutLeader(topic, (records[0] as PlacedRecord).partition) };
    try {
      const line = await this.#connections.line(address);
      if (this.#closing.signal.aborted) throw new Error('the client is closed');
      const answer = await this.#remembered(this.#produce(line, topic, records));
      return this.#unconfirmed(topic, records, answer);
    } catch (error) {
      this.#cluster.distrust(leader);
      return { records, fault: faultOf(error) };
    }
  }

  async #remembered<Answer>(request: Promise<Answer>): Promise<Answer> {
    this.#requests.add(request);
    try {
      return await request;
    } finally {
      this.#requests.delete(request);
    }
  }

  /** The answer, also where it refuses some of it. */
  async #produce(line: Line, topic: string, records: readonly PlacedRecord[]): Promise<ProduceAnswer> {
    const request = () => this.#messages.request(topic, records, this.#options.requestTimeout);
    try {
      return await this.#connections.ask<ProduceAnswer>(line, (done) => line.produce(request, done));
    } catch (error) {
      const answer = answerOf<ProduceAnswer>(error);
      if (answer === undefined) throw error;
      return answer;
    }
  }

  /** Only what the broker names as written is written. */
  #unconfirmed(topic: string, records: readonly PlacedRecord[], { responses }: ProduceAnswer): Left | undefined {
    const answers = responses.filter(({ name }) => name === topic).flatMap((each) => each.partitionResponses);
    const written = new Set(answers.filter(({ errorCode }) => errorCode === 0).map(({ index }) => index));
    const left = records.filter(({ partition }) => !written.has(partition));
    if (left.length === 0) return undefined;
    const faults = answers
      .filter(({ errorCode }) => errorCode !== 0)
      .map(({ errorCode, errorMessage }) => refused(this.#library, errorCode, topic, errorMessage));
    return {
      records: left,
      fault: faults.length > 0 ? worstOf(faults) : new Error('the broker has left out partitions'),
    };
  }
}
