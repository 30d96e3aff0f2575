/** What a running delivery may do with its place: keep it, rest in it, or leave it for a while. */
export interface Turn {
  /** Fires when the drain deadline has passed: whatever still runs is given up and its record goes back. */
  readonly deadline: AbortSignal;
  /** When work on the record began, or went on after {@link leave} or {@link standBy}; by `performance.now()`. */
  readonly since: number;
  /** Gives up the concurrency slot for a while but keeps the lane. `false`: intake has ended, give the record back. */
  rest(ms: number): Promise<boolean>;
  /** Gives up slot and lane for a while: later records of the lane go on. `false`: intake has ended, give the record back. */
  leave(ms: number): Promise<boolean>;
  /** Waits for something that is no work on the record and has no limit, such as the end of an outage. */
  standBy<T>(wait: Promise<T>): Promise<T>;
}
