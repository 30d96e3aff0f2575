import type { RecordRoutes } from '../kafka-port';
import type { ClientOptions } from './kafkajs-settings';
import { answerOf, type PlatformaticConnections } from './platformatic-connections';
import { faultOf, refused } from './platformatic-faults';
import type { BrokerAddress, Metadata, PlatformaticLibrary } from './platformatic-library';

/** What the brokers have said of a topic. A leader below 0: there is none just now. */
interface HeardTopic {
  readonly partitions: readonly { readonly partitionId: number; readonly leader: number }[];
  readonly leaders: ReadonlyMap<number, number>;
  readonly at: number;
}

/** Who leads what, asked of any broker that answers, and where the brokers are. */
export class PlatformaticCluster {
  readonly #library: PlatformaticLibrary;
  readonly #connections: PlatformaticConnections;
  readonly #options: ClientOptions;
  readonly #first: readonly BrokerAddress[];
  readonly #topics = new Map<string, HeardTopic>();
  readonly #asked = new Map<string, Promise<HeardTopic>>();
  #brokers: ReadonlyMap<number, BrokerAddress> = new Map();
  /** Where the next question goes first: to the one that answered last. */
  #turn = 0;

  constructor(library: PlatformaticLibrary, connections: PlatformaticConnections, options: ClientOptions) {
    this.#library = library;
    this.#connections = connections;
    this.#options = options;
    this.#first = options.brokers.map(addressOf);
  }

  /** Resolves when a broker has taken the log-in. */
  async reach(): Promise<void> {
    await this.#askAny(async (address) => void (await this.#connections.line(address)));
  }

  /** Leaders by partition; the routes know them then as well. */
  async leaders(topic: string, routes: RecordRoutes): Promise<ReadonlyMap<number, number>> {
    const known = this.#topics.get(topic);
    const isFresh = known !== undefined && performance.now() - known.at < this.#options.metadataMaxAge;
    const heard = isFresh ? known : await this.#askOnce(topic);
    routes.learn(topic, heard.partitions);
    return heard.leaders;
  }

  address(broker: number): BrokerAddress | undefined {
    return this.#brokers.get(broker);
  }

  /** What is known of the topic is void. */
  doubt(topic: string): void {
    this.#topics.delete(topic);
  }

  /** The broker is not the one to be asked next. */
  distrust(broker: number): void {
    const address = this.#brokers.get(broker);
    const next = this.#addresses()[this.#turn];
    if (address !== undefined && next?.host === address.host && next.port === address.port) this.#turn += 1;
  }

  #askOnce(topic: string): Promise<HeardTopic> {
    const asked = this.#asked.get(topic);
    if (asked !== undefined) return asked;
    const asking = this.#askAny((address) => this.#ask(address, topic)).finally(() => this.#asked.delete(topic));
    this.#asked.set(topic, asking);
    return asking;
  }

  async #askAny<Answer>(ask: (address: BrokerAddress) => Promise<Answer>): Promise<Answer> {
    const addresses = this.#addresses();
    const faults: unknown[] = [];
    for (let tried = 0; tried < addresses.length; tried += 1) {
      const turn = (this.#turn + tried) % addresses.length;
      try {
        const answer = await ask(addresses[turn] as BrokerAddress);
        this.#turn = turn;
        return answer;
      } catch (error) {
        const fault = faultOf(error);
        // Somebody has answered, and others would say the same; if not, the next try goes to them.
        if ((fault as { readonly type?: unknown }).type !== undefined) {
          this.#turn = turn + 1;
          throw fault;
        }
        faults.push(fault);
      }
    }
    throw faults.length === 1 ? faults[0] : new AggregateError(faults, 'no broker answers');
  }

  /** Those that were heard of, then those of the configuration. */
  #addresses(): readonly BrokerAddress[] {
    const all = new Map<string, BrokerAddress>();
    for (const address of [...this.#brokers.values(), ...this.#first])
      all.set(`${address.host}:${address.port}`, address);
    return [...all.values()];
  }

  async #ask(address: BrokerAddress, topic: string): Promise<HeardTopic> {
    const { brokers, topics } = await this.#metadata(address, topic);
    this.#brokers = new Map(brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]));
    const answer = topics.find(({ name }) => name === topic);
    if (answer === undefined || answer.errorCode !== 0) throw refused(this.#library, answer?.errorCode ?? 3, topic);
    const partitions = answer.partitions.map(({ partitionIndex, leaderId }) => ({
      partitionId: partitionIndex,
      leader: leaderId,
    }));
    const leaders = new Map(partitions.map(({ partitionId, leader }) => [partitionId, leader]));
    const heard = { partitions, leaders, at: performance.now() };
    this.#topics.set(topic, heard);
    return heard;
  }

  /** Also where some partitions have no leader, which the library reports as an error of the whole. */
  async #metadata(address: BrokerAddress, topic: string): Promise<Metadata> {
    const line = await this.#connections.line(address);
    try {
      return await this.#connections.ask<Metadata>(line, (done) =>
        line.metadata(line.connection, [topic], false, false, done),
      );
    } catch (error) {
      const answer = answerOf<Metadata>(error);
      if (answer === undefined) throw error;
      return answer;
    }
  }
}

function addressOf(broker: string): BrokerAddress {
  const end = broker.lastIndexOf(':');
  return { host: broker.slice(0, end), port: Number(broker.slice(end + 1)) };
}
