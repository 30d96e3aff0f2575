import { types } from 'node:util';
import { acknowledged, type Settlement, settlements } from '../binder/record';
import { JobTurn, type TurnKeeper } from './job-turn';
import type { Turn } from './turn';
import { WorkWatch } from './work-watch';

export type Task = (turn: Turn) => Settlement | Promise<Settlement>;

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
  readonly #keeper: TurnKeeper;
  readonly #idleWaiters: (() => void)[] = [];
  #running = 0;
  #open = 0;
  #paused = false;
  #ended = false;

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
    this.#keeper = {
      deadline: this.#deadline.signal,
      rest: async ({ lane }, ms) => {
        this.#giveUpSlot();
        await this.#sleep(ms);
        return this.#takeSlot(lane);
      },
      leave: (turn, ms) =>
        this.#works.interrupted(turn, async () => {
          this.#giveUpSlot();
          this.#giveUpLane(turn.lane);
          await this.#sleep(ms);
          return this.#reenter(turn.lane);
        }),
      standBy: (turn, wait) => this.#works.interrupted(turn, () => wait),
    };
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

  /**
   * Runs the task when its turn comes: before this returns, where lane and slot are free. Resolves with its settlement; `requeue`
   * when intake ended before it could start.
   */
  run(lane: string | undefined, task: Task): Promise<Settlement> {
    if (this.#ended) return Promise.resolve(settlements.requeue);
    this.#open += 1;
    if (!this.#mayEnter(lane)) return this.#runLater(lane, task);
    const turn = new JobTurn(lane, this.#keeper);
    const settlement = this.#begin(turn, task);
    if (!types.isPromise(settlement)) return promised(settlement);
    return settlement.then(
      (verdict) => {
        this.#finish(turn);
        return verdict;
      },
      (error: unknown) => {
        this.#finish(turn);
        throw error;
      },
    );
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

  /** A waiting job goes on in the asynchronous context of its own delivery, not in that of the job which made room for it. */
  async #runLater(lane: string | undefined, task: Task): Promise<Settlement> {
    if (!(await new Promise<boolean>((proceed) => this.#wait(lane, 'back', proceed)))) {
      this.#close();
      return settlements.requeue;
    }
    const turn = new JobTurn(lane, this.#keeper);
    const settlement = this.#begin(turn, task);
    if (!types.isPromise(settlement)) return settlement;
    try {
      return await settlement;
    } finally {
      this.#finish(turn);
    }
  }

  /** Lane and slot are the task's; where it is done at once, they are free again. */
  #begin(turn: JobTurn, task: Task): Settlement | Promise<Settlement> {
    try {
      const settlement = task(turn);
      if (types.isPromise(settlement)) this.#works.watch(turn);
      else this.#finish(turn);
      return settlement;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #finish(turn: JobTurn): void {
    this.#works.end(turn);
    this.#giveUpSlot();
    this.#giveUpLane(turn.lane);
    this.#close();
  }

  #close(): void {
    this.#open -= 1;
    if (this.#open === 0) for (const wake of this.#idleWaiters.splice(0)) wake();
  }

  /** Takes lane and slot where both are free. */
  #mayEnter(lane: string | undefined): boolean {
    if (!this.#hasSlot() || (lane !== undefined && this.#lanes.has(lane))) return false;
    if (lane !== undefined) this.#lanes.set(lane, []);
    this.#running += 1;
    return true;
  }

  /** For the lane, and then for a slot; a lane that is free is taken at once. */
  #wait(lane: string | undefined, place: 'back' | 'front', proceed: Job['proceed']): void {
    const queue = lane === undefined ? undefined : this.#lanes.get(lane);
    if (queue === undefined) {
      if (lane !== undefined) this.#lanes.set(lane, []);
      this.#ready.push({ lane, proceed });
    } else if (place === 'back') queue.push({ lane, proceed });
    else queue.unshift({ lane, proceed });
  }

  /** After a sleep the job owns nothing: whoever ends it must still find lane and slot to give up, so both are taken again even at the end. */
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
    if (!this.#ended) {
      if (this.#mayEnter(lane)) return true;
      if (await new Promise<boolean>((proceed) => this.#wait(lane, 'front', proceed))) return true;
    }
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
    if (next === undefined) {
      this.#lanes.delete(lane);
      return;
    }
    this.#ready.push(next);
    this.#grant();
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

function promised(settlement: Settlement): Promise<Settlement> {
  return settlement === settlements.ack ? acknowledged : Promise.resolve(settlement);
}
