/** One way of doing the work that is measured. It lives in a process of its own. */
export interface Workload {
  /** Does the work for so many messages; resolves when the last of them is handled. */
  run(messages: number): Promise<void>;
  close(): Promise<void>;
}

/** What a round of a workload cost. */
export interface Sample {
  readonly messages: number;
  readonly perSecond: number;
  /** User and system time of the whole process, its collector's threads included. */
  readonly cpuMicros: number;
  /** Most memory the process has had so far, in megabytes. */
  readonly peakMegabytes: number;
}
