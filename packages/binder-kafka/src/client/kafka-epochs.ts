/** A broker connection, as far as it is asked for records. */
export interface FetchBroker {
  fetch(request: object): Promise<FetchAnswer>;
}

export interface FetchAnswer {
  readonly responses: readonly { readonly partitions: readonly { readonly messages: object }[] }[];
}

interface FetchCluster<Broker extends FetchBroker> {
  findBroker(node: { nodeId: string }): Promise<Broker>;
}

const nothing: FetchAnswer = Object.freeze({ responses: [] });

/**
 * Tells fetches of a former assignment from those of the present one. kafkajs asks each broker on its own and rejoins the group
 * from within one of these loops, while others still wait for answers: what comes late would be taken for a continuation of the
 * new assignment, and records between the last commit and such an answer would be skipped and committed.
 */
export class KafkaEpochs {
  /** Of the records that were fetched, by the list they came in. */
  readonly #fetched = new WeakMap<object, number>();
  #epoch = 0;

  /** A new assignment: what was asked for before is void. */
  next(): void {
    this.#epoch += 1;
  }

  isCurrent(messages: object | undefined): boolean {
    return messages !== undefined && this.#fetched.get(messages) === this.#epoch;
  }

  /** kafkajs looks for the broker right after it has put the request together: so this is when it was asked. */
  watch<Broker extends FetchBroker>(cluster: FetchCluster<Broker>): void {
    const find = cluster.findBroker.bind(cluster);
    cluster.findBroker = async (node) => {
      const epoch = this.#epoch;
      const broker = await find(node);
      const watched: Broker = Object.create(broker);
      watched.fetch = (request) => this.#fetch(broker, request, epoch);
      return watched;
    };
  }

  async #fetch(broker: FetchBroker, request: object, epoch: number): Promise<FetchAnswer> {
    try {
      const answer = await broker.fetch(request);
      if (epoch !== this.#epoch) return nothing;
      for (const { partitions } of answer.responses)
        for (const { messages } of partitions) this.#fetched.set(messages, epoch);
      return answer;
    } catch (error) {
      // Its remedy, such as to start over where a partition begins, is not for the new assignment.
      if (epoch !== this.#epoch) return nothing;
      throw error;
    }
  }
}
