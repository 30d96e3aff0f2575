import { closeSync, fdatasync, openSync, writeSync } from 'node:fs';
import type { Entry } from './entry';

/**
 * The file of one process, outside the system under test. An entry is in the file when `write` returns: from then on it survives
 * the process. `synced` resolves when it survives the machine, too; one sync serves all that was written before it.
 */
export class Ledger {
  readonly #file: number;
  #isSyncing = false;
  #waiting: (() => void)[] = [];

  constructor(file: string) {
    this.#file = openSync(file, 'a');
  }

  write(entry: Entry): void {
    writeSync(this.#file, `${JSON.stringify(entry)}\n`);
  }

  /** Resolves when everything written so far is on the disk. */
  synced(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (!this.#isSyncing) this.#sync();
    });
  }

  async close(): Promise<void> {
    await this.synced();
    closeSync(this.#file);
  }

  #sync(): void {
    const served = this.#waiting;
    this.#waiting = [];
    this.#isSyncing = true;
    fdatasync(this.#file, (error) => {
      // A ledger that cannot be trusted must not look like one that can.
      if (error !== null) throw error;
      this.#isSyncing = false;
      for (const resolve of served) resolve();
      if (this.#waiting.length > 0) this.#sync();
    });
  }
}
