import { AsyncResource } from 'node:async_hooks';
import { types } from 'node:util';
import { acknowledged, type Settlement, settlements } from '../binder/record';
import { type Job, type JobLane, JobLanes } from './job-lane';
import { JobTurn, type TurnKeeper } from './job-turn';
import type { Turn } from './turn';
import { WorkWatch } from './work-watch';

export type Task = (turn: Turn) => Settlement | Promise<Settlement>;

/**
 * Keeps order and limits among open deliveries: one job of a lane at a time, in the order they came, and at most
 * `concurrency` at once over all lanes. Jobs without a lane have no order. It does not bound how many wait: the binder
 * does, by opening no more than `prefetch` deliveries.
 */
export class Dispatcher {
  readonly #concurrency: number;
  readonly #lanes = new JobLanes();
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
  #isGranting = false;
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
          return this.#reenter(turn);
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
    const ownLane = lane === undefined ? undefined : this.#lanes.of(lane);
    if (!this.#enter(ownLane)) return this.#runLater(ownLane, task);
    const turn = new JobTurn(ownLane, this.#keeper);
    const settlement = this.#begin(turn, task);
    return types.isPromise(settlement) ? this.#finishLater(turn, settlement) : promised(settlement);
  }

  #finishLater(turn: JobTurn, settlement: Promise<Settlement>): Promise<Settlement> {
    return settlement.then(
      (verdict) => this.#finishWith(turn, verdict),
      (error: unknown) => {
        throw this.#finishWith(turn, error);
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
    const waiting = [...this.#ready.splice(0), ...this.#lanes.drain()];
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
  #runLater(lane: JobLane | undefined, task: Task): Promise<Settlement> {
    const context = new AsyncResource('MillraceDelivery');
    return new Promise((resolve, reject) => {
      const run = (): void => {
        const turn = new JobTurn(lane, this.#keeper);
        const settlement = this.#begin(turn, task);
        if (!types.isPromise(settlement)) resolve(settlement);
        else
          settlement.then(
            (verdict) => resolve(this.#finishWith(turn, verdict)),
            (error: unknown) => reject(this.#finishWith(turn, error)),
          );
      };
      this.#wait(lane, 'back', (granted) => {
        if (granted) context.runInAsyncScope(run);
        else {
          this.#close();
          resolve(settlements.requeue);
        }
      });
    });
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

  #finishWith<T>(turn: JobTurn, outcome: T): T {
    this.#finish(turn);
    return outcome;
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
  #enter(lane: JobLane | undefined): boolean {
    if (!this.#hasSlot() || lane?.isTaken) return false;
    if (lane !== undefined) lane.isTaken = true;
    this.#running += 1;
    return true;
  }

  /** For the lane, and then for a slot; a lane that is free is taken at once. */
  #wait(lane: JobLane | undefined, place: 'back' | 'front', proceed: Job['proceed']): void {
    const job = { lane, proceed };
    if (lane === undefined || !lane.isTaken) {
      if (lane !== undefined) lane.isTaken = true;
      this.#ready.push(job);
    } else if (place === 'back') lane.waiting.push(job);
    else lane.waiting.unshift(job);
  }

  /** After a sleep the job owns nothing: whoever ends it must still find lane and slot to give up, so both are taken again even at the end. */
  async #takeSlot(lane: JobLane | undefined): Promise<boolean> {
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

  async #reenter(turn: JobTurn): Promise<boolean> {
    turn.lane = turn.lane && this.#lanes.of(turn.lane.name);
    const { lane } = turn;
    if (!this.#ended) {
      if (this.#enter(lane)) return true;
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

  #giveUpLane(lane: JobLane | undefined): void {
    const next = lane && this.#lanes.next(lane);
    if (next === undefined) return;
    this.#ready.push(next);
    this.#grant();
  }

  /** Whoever is done at once makes room for the next one from inside: one loop for all of them, or the stack would not do. */
  #grant(): void {
    if (this.#isGranting) return;
    this.#isGranting = true;
    try {
      while (this.#ready.length > 0 && this.#hasSlot()) {
        this.#running += 1;
        this.#ready.shift()?.proceed(true);
      }
    } finally {
      this.#isGranting = false;
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
