/** A dead letter as it was read back from the broker. */
export interface Letter {
  readonly group: string;
  readonly body: Uint8Array | null;
  /** Error and message that its headers give as the reason. */
  readonly errorName: string | undefined;
  readonly errorMessage: string | undefined;
}
