import type { JobLane } from './job-lane';
import type { Turn } from './turn';
import type { Work } from './work-watch';

/** What a turn asks of the dispatcher that gave it. */
export interface TurnKeeper {
  readonly deadline: AbortSignal;
  rest(turn: JobTurn, ms: number): Promise<boolean>;
  leave(turn: JobTurn, ms: number): Promise<boolean>;
  standBy<T>(turn: JobTurn, wait: Promise<T>): Promise<T>;
}

/** The turn of one job and the work on it: a single object, because there is one for every record. */
export class JobTurn implements Turn, Work {
  /** Another one of the same name after it was left. */
  lane: JobLane | undefined;
  since = performance.now();
  isInterrupted = false;
  before: Work | undefined;
  after: Work | undefined;
  readonly #keeper: TurnKeeper;

  constructor(lane: JobLane | undefined, keeper: TurnKeeper) {
    this.lane = lane;
    this.#keeper = keeper;
  }

  get deadline(): AbortSignal {
    return this.#keeper.deadline;
  }

  rest(ms: number): Promise<boolean> {
    return this.#keeper.rest(this, ms);
  }

  leave(ms: number): Promise<boolean> {
    return this.#keeper.leave(this, ms);
  }

  standBy<T>(wait: Promise<T>): Promise<T> {
    return this.#keeper.standBy(this, wait);
  }
}
