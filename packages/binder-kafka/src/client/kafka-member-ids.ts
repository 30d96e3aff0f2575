import { isPassing } from '../kafka-errors';
import { whenInOffice } from './when-loaded';

/** The coordinator of a group, as far as members leave it. */
export interface FarewellBroker {
  leaveGroup(member: { groupId: string; memberId: string }): Promise<unknown>;
}

/** A connection to a broker, as far as it writes requests. */
export interface WritingBroker {
  lookupRequest(apiKey: number, versions: object): (content: { readonly memberId?: string }) => object;
}

/**
 * The names under which the group may count a client and those it replaces. A name is one from the moment it is asked for: when
 * the answer is lost, the group counts a member that nobody is, gives it partitions, and waits for its session to end.
 */
export class KafkaMemberIds {
  readonly #group: string;
  readonly #ids: Set<string>;

  constructor(group: string, formers: readonly string[]) {
    this.#group = group;
    this.#ids = new Set(formers);
  }

  /** Those not seen to leave. */
  get all(): readonly string[] {
    return [...this.#ids];
  }

  /**
   * The same broker, which notes the names in what it is asked. kafkajs is given a name in the answer to a first request to join,
   * and asks again with it, in one call: who looks at calls only never hears of it when the second answer is lost.
   */
  noted<Broker extends WritingBroker>(broker: Broker): Broker {
    const noting: Broker = Object.create(broker);
    noting.lookupRequest = (apiKey, versions) => {
      const newRequest = broker.lookupRequest(apiKey, versions);
      return (content) => {
        if (content.memberId) this.#ids.add(content.memberId);
        return newRequest(content);
      };
    };
    return noting;
  }

  async leave(broker: FarewellBroker, member: { groupId: string; memberId: string }): Promise<unknown> {
    try {
      const answer = await broker.leaveGroup(member);
      this.#ids.delete(member.memberId);
      return answer;
    } catch (error) {
      if ((error as { type?: unknown }).type === 'UNKNOWN_MEMBER_ID') this.#ids.delete(member.memberId);
      throw error;
    }
  }

  /**
   * All but this one leave. Rejects where the coordinator could not be told: who joined then would wait for their sessions to end.
   */
  async leaveOthers(broker: FarewellBroker, ownId: string | undefined): Promise<void> {
    for (const memberId of this.all) {
      if (memberId === ownId) continue;
      try {
        await whenInOffice(() => this.leave(broker, { groupId: this.#group, memberId }));
      } catch (error) {
        if (isPassing(error)) throw error;
      }
    }
  }
}
