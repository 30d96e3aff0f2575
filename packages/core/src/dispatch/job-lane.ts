/** Something that waits for its lane, or for a slot. */
export interface Job {
  readonly lane: JobLane | undefined;
  /** Called with `true` when lane and slot are the job's, with `false` when intake has ended. */
  proceed(granted: boolean): void;
}

/** Jobs of one lane run one after the other. */
export interface JobLane {
  readonly name: string;
  isTaken: boolean;
  readonly waiting: Job[];
}

/** So many are kept while nobody needs them: as many as there are partitions, as a rule. Keys may be any number. */
const MOST_IDLE = 256;

/** The lanes that are taken, and some that were. */
export class JobLanes {
  readonly #lanes = new Map<string, JobLane>();

  of(name: string): JobLane {
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    const lane = { name, isTaken: false, waiting: [] };
    this.#lanes.set(name, lane);
    return lane;
  }

  /** The next job of the lane, whose it is now; `undefined` where none waits, and the lane is free. */
  next(lane: JobLane): Job | undefined {
    const job = lane.waiting.shift();
    if (job !== undefined) return job;
    lane.isTaken = false;
    // Nobody may hold on to a free one: another may come in its place.
    if (this.#lanes.size > MOST_IDLE) this.#lanes.delete(lane.name);
    return undefined;
  }

  /** All that wait; they wait no more. */
  drain(): Job[] {
    return [...this.#lanes.values()].flatMap((lane) => lane.waiting.splice(0));
  }
}
