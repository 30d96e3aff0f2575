import { channel, type Message, Sink } from '@millrace/core';
import { injectable } from 'inversify';
import { Reading } from './reading';
import { Temperature } from './temperature';

/** Readings that could not be converted: a second channel of the same class. Configuration points dead letters there. */
const RefusedReading = channel('refused', Reading);

interface Refusal {
  readonly reading: Reading;
  readonly reason: string;
}

/**
 * Collects what comes out. By station and number, because a message comes at least once on every broker, and on some it may
 * come twice.
 */
@injectable()
export class Office {
  readonly temperatures = new Map<string, Temperature>();
  readonly refusals = new Map<string, Refusal>();
  #waiting: { readonly count: number; readonly resolve: () => void } | undefined;

  @Sink(Temperature, { group: 'office' })
  receive(temperature: Temperature): void {
    this.temperatures.set(nameOf(temperature), temperature);
    this.#wakeIfDone();
  }

  @Sink(RefusedReading, { group: 'office' })
  complain(reading: Reading, message: Message<Reading>): void {
    this.refusals.set(nameOf(reading), { reading, reason: String(message.headers['x-exception-message']) });
    this.#wakeIfDone();
  }

  /** Resolves when so many readings have ended in a temperature or in a refusal. */
  answered(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = { count, resolve };
      this.#wakeIfDone();
    });
  }

  #wakeIfDone(): void {
    const answers = this.temperatures.size + this.refusals.size;
    if (this.#waiting !== undefined && answers >= this.#waiting.count) this.#waiting.resolve();
  }
}

function nameOf({ station, number }: Reading | Temperature): string {
  return `${station} ${number}`;
}
