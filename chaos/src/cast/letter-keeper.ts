import type { MemoryBroker, MemoryRecord } from '@millrace/binder-memory';
import { groups } from '../site/site';
import type { KeptLetter } from './memory-host';

const EVERY_MS = 1_000;

/** Copies dead letters before the broker drops old ones: nobody reads them there, and its memory is bounded. */
export class LetterKeeper {
  readonly #broker: MemoryBroker;
  readonly #letters = new Map<string, KeptLetter>();
  readonly #timer: NodeJS.Timeout;

  constructor(broker: MemoryBroker) {
    this.#broker = broker;
    this.#timer = setInterval(() => this.#collect(), EVERY_MS);
    this.#timer.unref();
  }

  all(): readonly KeptLetter[] {
    this.#collect();
    return [...this.#letters.values()];
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #collect(): void {
    for (const [group, destination] of Object.entries(groups))
      for (const record of this.#broker.deadLetters(destination, group)) this.#keep(group, record);
  }

  #keep(group: string, { partition, position, payload, headers }: MemoryRecord): void {
    const place = `${group} ${partition} ${position}`;
    if (this.#letters.has(place)) return;
    this.#letters.set(place, {
      group,
      body: payload === null ? null : Buffer.from(payload).toString('base64'),
      errorName: text(headers['x-exception-fqcn']),
      errorMessage: text(headers['x-exception-message']),
    });
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
