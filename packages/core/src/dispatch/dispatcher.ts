import { type Settlement, settlements } from '../binder/record';
import type { Turn } from './turn';
import { type Work, WorkWatch } from './work-watch';

export type Task = (turn: Turn) => Promise<Settlement>;

interface Job {
  readonly lane: string | undefined;
  /** Called with `true` when lane and slot are the job's, with `false` when intake has ended. */
  proceed(granted: boolean): void;
}

/**
 * Keeps order and limits among open deliveries: one job of a lane at a time, in the order they came, and at most
 * `concurrency` at once over all lanes. Jobs without a lane have no order. It does not bound how many wait: the binder
 * does, by opening no more than `prefetch` deliveries.
 */
export class Dispatcher {
  readonly #concurrency: number;
  /** Jobs that wait for their lane; a lane is present while one of its jobs holds it. */
  readonly #lanes = new Map<string, Job[]>();
  /** Jobs that hold their lane (or need none) and wait for a slot. */
  readonly #ready: Job[] = [];
  readonly #works = new WorkWatch();
  readonly #sleepers = new Set<() => void>();
  readonly #deadline = new AbortController();
  readonly #idleWaiters: (() => void)[] = [];
  #running = 0;
  #open = 0;
  #paused = false;
  #ended = false;

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  /** Fires at {@link abort}. */
  get deadline(): AbortSignal {
    return this.#deadline.signal;
  }

  /** Open deliveries: running, resting and waiting. */
  get open(): number {
    return this.#open;
  }

  /** When the oldest task began that is not set aside, by `performance.now()`. */
  get workingSince(): number | undefined {
    return this.#works.since;
  }

  /** Runs the task when its turn comes. Resolves with its settlement; `requeue` when intake ended before it could start. */
  async run(lane: string | undefined, task: Task): Promise<Settlement> {
    if (this.#ended) return settlements.requeue;
    this.#open += 1;
    try {
      const entered = this.#enter(lane, 'back');
      if (entered !== true && !(await entered)) return settlements.requeue;
      const work = this.#works.begin();
      try {
        return await task(this.#turn(lane, work));
      } finally {
        this.#works.end(work);
        this.#giveUpSlot();
        this.#giveUpLane(lane);
      }
    } finally {
      this.#open -= 1;
      if (this.#open === 0) for (const wake of this.#idleWaiters.splice(0)) wake();
    }
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#grant();
  }

  /** Ends intake: what waits or rests goes back, what runs goes on. */
  end(): void {
    this.#ended = true;
    const waiting = [...this.#ready.splice(0), ...[...this.#lanes.values()].flatMap((lane) => lane.splice(0))];
    for (const job of waiting) job.proceed(false);
    for (const wake of [...this.#sleepers]) wake();
  }

  /** Fires the deadline signal: running handlers are told, and their records go back. */
  abort(reason: Error): void {
    this.#deadline.abort(reason);
  }

  /** Resolves when no delivery is open. */
  async idle(): Promise<void> {
    if (this.#open > 0) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  #turn(lane: string | undefined, work: Work): Turn {
    return {
      deadline: this.#deadline.signal,
      rest: async (ms) => {
        this.#giveUpSlot();
        await this.#sleep(ms);
        return this.#takeSlot(lane);
      },
      leave: (ms) =>
        this.#works.interrupted(work, async () => {
          this.#giveUpSlot();
          this.#giveUpLane(lane);
          await this.#sleep(ms);
          return this.#reenter(lane);
        }),
      standBy: (wait) => this.#works.interrupted(work, () => wait),
    };
  }

  /** Without waiting where lane and slot are free. */
  #enter(lane: string | undefined, place: 'back' | 'front'): boolean | Promise<boolean> {
    const queue = lane === undefined ? undefined : this.#lanes.get(lane);
    if (queue !== undefined) {
      return new Promise((proceed) =>
        place === 'back' ? queue.push({ lane, proceed }) : queue.unshift({ lane, proceed }),
      );
    }
    if (lane !== undefined) this.#lanes.set(lane, []);
    if (this.#hasSlot()) {
      this.#running += 1;
      return true;
    }
    return new Promise((proceed) => this.#ready.push({ lane, proceed }));
  }

  /** After a sleep the job owns nothing: whoever runs `finally` must still find lane and slot to give up, so both are taken again even at the end. */
  async #takeSlot(lane: string | undefined): Promise<boolean> {
    if (!this.#ended && !this.#hasSlot()) {
      const granted = await new Promise<boolean>((proceed) => this.#ready.unshift({ lane, proceed }));
      if (granted) return true;
    } else if (!this.#ended) {
      this.#running += 1;
      return true;
    }
    this.#running += 1;
    return false;
  }

  async #reenter(lane: string | undefined): Promise<boolean> {
    if (!this.#ended && (await this.#enter(lane, 'front'))) return true;
    this.#running += 1;
    return false;
  }

  #hasSlot(): boolean {
    return this.#running < this.#concurrency && !this.#paused;
  }

  #giveUpSlot(): void {
    this.#running -= 1;
    this.#grant();
  }

  #giveUpLane(lane: string | undefined): void {
    if (lane === undefined) return;
    const next = this.#lanes.get(lane)?.shift();
    if (next === undefined) this.#lanes.delete(lane);
    else this.#makeReady(next);
  }

  #makeReady(job: Job): void {
    if (!this.#hasSlot()) {
      this.#ready.push(job);
      return;
    }
    this.#running += 1;
    job.proceed(true);
  }

  #grant(): void {
    while (this.#ready.length > 0 && this.#hasSlot()) {
      this.#running += 1;
      this.#ready.shift()?.proceed(true);
    }
  }

  #sleep(ms: number): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#sleepers.add(wake);
    });
  }
}
