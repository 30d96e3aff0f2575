/**
 * The timers of the platform, taken before a test can fake them: under fake time `settled()` must still see that everything is
 * through, and must still give up.
 */
const platform = { setImmediate, setTimeout, clearTimeout };

/** Thrown when an application is not quiet in time. */
export class NotQuiet extends Error {
  /** What is still busy, a sentence each. */
  readonly busy: readonly string[];

  constructor(timeoutMs: number, busy: readonly string[]) {
    super(`the application is not quiet after ${timeoutMs} ms:\n${busy.map((line) => `  ${line}`).join('\n')}`);
    this.name = 'NotQuiet';
    this.busy = busy;
  }
}

/** Knows when an application has come to rest. It never polls: whoever finishes something says so, and then it looks. */
export class Quiet {
  readonly #waiting = new Set<() => void>();
  #lookIsDue = false;

  /** Something finished, so that all may be quiet now. */
  moved(): void {
    if (this.#lookIsDue || this.#waiting.size === 0) return;
    this.#lookIsDue = true;
    // What finished has consequences in microtasks (a settlement, the next delivery); they are through in the next turn.
    platform.setImmediate(() => {
      this.#lookIsDue = false;
      for (const look of [...this.#waiting]) look();
    });
  }

  /** @param busy what is going on, a sentence each. @throws NotQuiet */
  async until(busy: () => readonly string[], timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const finish = (end: () => void): void => {
        this.#waiting.delete(look);
        platform.clearTimeout(timer);
        end();
      };
      const look = (): void => {
        if (busy().length === 0) finish(resolve);
      };
      const timer = platform.setTimeout(() => {
        const left = busy();
        finish(left.length === 0 ? resolve : () => reject(new NotQuiet(timeoutMs, left)));
      }, timeoutMs);
      this.#waiting.add(look);
      this.moved();
    });
  }
}
