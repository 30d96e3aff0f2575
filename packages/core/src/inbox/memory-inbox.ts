import type { Inbox, InboxAnswer, InboxEntry } from './inbox';

interface Mark {
  /** By `performance.now()`. */
  readonly expiresAt: number;
  outputs: string | undefined;
}

export interface MemoryInboxOptions {
  /** Most messages it remembers; the oldest are forgotten first. Default 100,000. */
  readonly maxEntries?: number;
}

/**
 * Remembers in the memory of one process: enough against redeliveries while it runs. It knows nothing of what other instances
 * have handled, nor of the time before its start, and it has no transaction: a crash between the handler's effects and its
 * end repeats them.
 */
export class MemoryInbox implements Inbox {
  readonly #maxEntries: number;
  /** In the order in which they were handled. */
  readonly #marks = new Map<string, Mark>();
  /** Work that runs; who comes meanwhile waits for its end. */
  readonly #running = new Map<string, Promise<void>>();

  constructor({ maxEntries = 100_000 }: MemoryInboxOptions = {}) {
    if (!Number.isInteger(maxEntries) || maxEntries < 1)
      throw new RangeError(`MemoryInbox: maxEntries is ${maxEntries}; it must be a whole number of at least 1`);
    this.#maxEntries = maxEntries;
  }

  /** Messages it remembers. */
  get size(): number {
    return this.#marks.size;
  }

  async open(): Promise<void> {}

  async once(entry: InboxEntry, work: () => Promise<string | undefined>, signal: AbortSignal): Promise<InboxAnswer> {
    const key = keyOf(entry);
    for (let other = this.#running.get(key); other !== undefined; other = this.#running.get(key)) {
      await other;
      signal.throwIfAborted();
    }
    const known = this.#known(key);
    if (known !== undefined) return { isDuplicate: true, outputs: known.outputs };
    const working = this.#work(key, entry, work, signal);
    this.#running.set(
      key,
      endedOrGivenUp(working, signal).then(() => void this.#running.delete(key)),
    );
    return working;
  }

  async sent(entry: InboxEntry): Promise<void> {
    const mark = this.#marks.get(keyOf(entry));
    if (mark !== undefined) mark.outputs = undefined;
  }

  /** The marks stay for the next start in this process. */
  async close(): Promise<void> {}

  async #work(
    key: string,
    { windowMs }: InboxEntry,
    work: () => Promise<string | undefined>,
    signal: AbortSignal,
  ): Promise<InboxAnswer> {
    const outputs = await work();
    signal.throwIfAborted();
    this.#marks.delete(key);
    this.#marks.set(key, { expiresAt: performance.now() + windowMs, outputs });
    this.#forgetOldest();
    return { isDuplicate: false, outputs };
  }

  #known(key: string): Mark | undefined {
    const mark = this.#marks.get(key);
    if (mark === undefined || mark.expiresAt > performance.now()) return mark;
    this.#marks.delete(key);
    return undefined;
  }

  /** What has expired goes, and what is too much. Windows differ, so an expired one behind others may stay a while longer. */
  #forgetOldest(): void {
    const now = performance.now();
    for (const [key, { expiresAt }] of this.#marks) {
      if (this.#marks.size <= this.#maxEntries && expiresAt > now) return;
      this.#marks.delete(key);
    }
  }
}

function keyOf({ consumer, messageId }: InboxEntry): string {
  return `${consumer}\u0000${messageId}`;
}

/** Resolves when the work has ended, however it did, or nobody waits for it any more. */
function endedOrGivenUp(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      signal.removeEventListener('abort', end);
      resolve();
    };
    signal.addEventListener('abort', end);
    work.then(end, end);
  });
}
