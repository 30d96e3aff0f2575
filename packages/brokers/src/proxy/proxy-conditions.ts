/** What a direction of a proxy does to the bytes that come its way. */
export interface ProxyConditions {
  stalled: boolean;
  delayMs: number;
  /** For each connection. */
  bytesPerSecond: number | undefined;
}
