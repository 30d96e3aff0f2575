/** One way of doing the work that is measured. It lives in a process of its own. */
export interface Workload {
  /**
   * Does the work for so many messages; resolves when the last of them is handled. The clock runs all the while, unless the
   * workload starts it anew where the part begins that counts, and stops it where that ends. What it gives is measured too.
   */
  run(messages: number, clock: Clock): Promise<OwnMeasures | undefined>;
  close(): Promise<void>;
}

/** Measures that only the workload can take, by name: percentiles, milliseconds to the first message. */
export type OwnMeasures = Readonly<Record<string, number>>;

export interface Clock {
  start(): void;
  stop(): void;
  /** Milliseconds since the bench asked for this process. */
  sinceSpawn(): number;
}

/** Makes the workload from its settings, which came as JSON. */
export type WorkloadFactory = (settings: never) => Promise<Workload>;

/** What a round of a workload cost. */
export interface Sample {
  readonly messages: number;
  readonly perSecond: number;
  /** User and system time of the whole process, its collector's threads included. */
  readonly cpuMicros: number;
  /** Most memory the process has had so far, in megabytes. */
  readonly peakMegabytes: number;
  readonly own: OwnMeasures;
}
