/** Counts work under way and tells when none is left. */
export class OpenCount {
  private open = 0;
  private waiting: (() => void)[] = [];

  get size(): number {
    return this.open;
  }

  enter(): void {
    this.open += 1;
  }

  leave(): void {
    this.open -= 1;
    if (this.open === 0) this.release();
  }

  /** Forgets the work under way; who called it must not call `leave` for it any more. */
  abandon(): void {
    this.open = 0;
    this.release();
  }

  whenNone(): Promise<void> {
    if (this.open === 0) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private release(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
