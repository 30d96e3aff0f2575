import { closeSync, fdatasync, openSync, writeSync } from 'node:fs';
import type { Entry } from './entry';

/**
 * The file of one process, outside the system under test. An entry is in the file when `write` returns: from then on it survives
 * the process. `synced` resolves when it survives the machine, too; one sync serves all that was written before it.
 */
export class Ledger {
  readonly #file: number;
  #isSyncing = false;
  #isClosed = false;
  #waiting: (() => void)[] = [];

  constructor(file: string) {
    this.#file = openSync(file, 'a');
  }

  /** @throws Error after `close`: the number of the file may be that of another by then */
  write(entry: Entry): void {
    if (this.#isClosed) throw closed();
    writeSync(this.#file, `${JSON.stringify(entry)}\n`);
  }

  /** Resolves when everything written so far is on the disk. Rejects after `close`. */
  synced(): Promise<void> {
    if (this.#isClosed) return Promise.reject(closed());
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (!this.#isSyncing) this.#sync();
    });
  }

  async close(): Promise<void> {
    // A handler that was given up goes on, and may have asked for the next sync meanwhile.
    do await this.synced();
    while (this.#isSyncing);
    this.#isClosed = true;
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

function closed(): Error {
  return new Error('the ledger is closed');
}
