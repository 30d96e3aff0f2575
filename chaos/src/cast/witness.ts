import type { Message } from '@millrace/core';
import { injectable } from 'inversify';
import { now } from '../ledger/entry';
import type { Ledger } from '../ledger/ledger';

interface Numbered {
  readonly key: string;
  readonly number: number;
}

/** Stands beside every handler and writes down what it did. */
@injectable()
export class Witness {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Runs the work of a handler. Returns what it gave when its `done` is on the disk, and not before. */
  async watch<T>(group: string, message: Message<Numbered>, work: () => Promise<T> | T): Promise<T> {
    const { payload, id = 'none', delivery } = message;
    const facts = { group, key: payload.key, number: payload.number, id };
    const place = { partition: delivery?.partition, position: delivery?.position, attempt: message.attempt };
    this.#ledger.write({ at: now(), what: 'started', ...facts, ...place });
    try {
      const result = await work();
      this.#ledger.write({ at: now(), what: 'done', ...facts });
      await this.#ledger.synced();
      return result;
    } catch (error) {
      this.#ledger.write({ at: now(), what: 'failed', ...facts, why: String(error) });
      throw error;
    }
  }
}
