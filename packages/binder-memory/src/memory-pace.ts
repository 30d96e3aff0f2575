/** Deliveries and sends in one turn of the event loop: enough to be fast, few enough for timers and sockets to get theirs. */
const WORK_PER_TURN = 256;

/**
 * Lets the broker run in microtasks, which are cheap, without starving the event loop: microtasks that make new ones run
 * before any timer or socket, so after so much work the rest waits for the next turn.
 */
export class MemoryPace {
  private left = WORK_PER_TURN;
  private queued: (() => void)[] = [];
  private resting: (() => void)[] = [];
  private immediate: NodeJS.Immediate | undefined;
  private closed = false;

  get turnIsSpent(): boolean {
    return this.left <= 0;
  }

  /** Counts one delivery or one send. */
  spend(): void {
    this.left -= 1;
    if (this.turnIsSpent) this.armNextTurn();
  }

  /** Runs `work` soon, never at once. */
  run(work: () => void): void {
    if (this.closed) return;
    if (!this.turnIsSpent) {
      queueMicrotask(work);
    } else {
      this.queued.push(work);
      this.armNextTurn();
    }
  }

  nextTurn(): Promise<void> {
    if (this.closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.resting.push(resolve);
      this.armNextTurn();
    });
  }

  /** Runs nothing more. Nobody is left waiting for a turn. */
  close(): void {
    this.closed = true;
    clearImmediate(this.immediate);
    this.queued = [];
    this.wakeResting();
  }

  private armNextTurn(): void {
    if (this.closed) return;
    this.immediate ??= setImmediate(() => this.turn());
  }

  private turn(): void {
    this.immediate = undefined;
    this.left = WORK_PER_TURN;
    this.wakeResting();
    const queued = this.queued;
    this.queued = [];
    let done = 0;
    while (done < queued.length && !this.turnIsSpent) queued[done++]?.();
    // Who had no turn goes before who had one and wants another: a busy consumer must not keep the others waiting.
    this.queued = [...queued.slice(done), ...this.queued];
    if (this.queued.length > 0) this.armNextTurn();
  }

  private wakeResting(): void {
    const resting = this.resting;
    this.resting = [];
    for (const wake of resting) wake();
  }
}
