import { type Linked, LinkedQueue } from '../dispatch/linked-queue';

/** Something that runs until it settles, unless it is given up before. */
export interface Limited extends Linked<Limited> {
  /** By the clock of `performance.now()`; of no meaning where it has no limit. */
  readonly startedAt: number;
  giveUp(why: 'limit' | 'deadline'): void;
}

const known = new WeakMap<AbortSignal, TimeLimits>();

/** The limits of everything that runs until the same deadline, which is all that one opening of a binding runs. */
export function limitsOf(deadline: AbortSignal): TimeLimits {
  const limits = known.get(deadline) ?? new TimeLimits(deadline);
  known.set(deadline, limits);
  return limits;
}

/** Watches over many runs with one listener on the deadline and one timer for each limit: both are dear to make for every run. */
export class TimeLimits {
  readonly #queues = new Map<number | false, LimitQueue>();

  constructor(deadline: AbortSignal) {
    const onDeadline = (): void => {
      for (const queue of this.#queues.values()) queue.giveUpAll();
    };
    deadline.addEventListener('abort', onDeadline, { once: true });
  }

  /** No new runs are expected: timers go with the last of those that are left. */
  end(): void {
    for (const queue of this.#queues.values()) queue.end();
  }

  queue(limitMs: number | false): LimitQueue {
    let queue = this.#queues.get(limitMs);
    if (queue === undefined) {
      queue = new LimitQueue(limitMs);
      this.#queues.set(limitMs, queue);
    }
    return queue;
  }
}

/** Runs of the same limit. The oldest is the first whose limit is over, so one timer, for the oldest, does for all. */
export class LimitQueue {
  readonly #limitMs: number | false;
  /** In the order in which they began. */
  readonly #running = new LinkedQueue<Limited>();
  #timer: NodeJS.Timeout | undefined;
  #rest: NodeJS.Immediate | undefined;
  #ended = false;

  constructor(limitMs: number | false) {
    this.#limitMs = limitMs;
  }

  enter(run: Limited): void {
    this.#running.add(run);
    if (this.#timer === undefined && this.#limitMs !== false) this.#arm(this.#limitMs);
  }

  /** Harmless when it has left before. The timer outlasts a moment without runs: where one at a time runs, the next is about to begin. */
  leave(run: Limited): void {
    this.#running.remove(run);
    if (this.#running.first !== undefined || this.#timer === undefined) return;
    if (this.#ended) this.#disarm();
    else this.#rest ??= setImmediate(() => this.#disarmIfIdle());
  }

  end(): void {
    this.#ended = true;
    clearImmediate(this.#rest);
    this.#disarmIfIdle();
  }

  giveUpAll(): void {
    for (const run of this.#running.all()) run.giveUp('deadline');
  }

  #arm(waitMs: number): void {
    this.#disarm();
    this.#timer = setTimeout(() => this.#onTimer(), waitMs);
  }

  #disarmIfIdle(): void {
    this.#rest = undefined;
    if (this.#running.first === undefined) this.#disarm();
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The run it was armed for may have left long ago; then it is armed again for the one that is the oldest now. */
  #onTimer(): void {
    this.#disarm();
    const limitMs = this.#limitMs as number;
    const now = performance.now();
    for (const run of this.#running.all()) {
      const leftMs = run.startedAt + limitMs - now;
      if (leftMs > 0) {
        this.#arm(Math.ceil(leftMs));
        break;
      }
      run.giveUp('limit');
    }
  }
}
