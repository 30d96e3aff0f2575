const MISSED = 3;
const SHORTEST_SILENCE_MS = 3_000;

/** Notices when heartbeats go unanswered, long before the client gives up: the health is to know. */
export class KafkaPulse {
  readonly #silenceMs: number;
  readonly #tell: (isSilent: boolean) => void;
  #timer: NodeJS.Timeout | undefined;
  #isSilent = false;

  constructor(heartbeatInterval: number, tell: (isSilent: boolean) => void) {
    this.#silenceMs = Math.max(SHORTEST_SILENCE_MS, heartbeatInterval * MISSED);
    this.#tell = tell;
  }

  /** The member lives. */
  beat(): void {
    this.rest();
    this.#timer = setTimeout(() => this.#change(true), this.#silenceMs);
    if (this.#isSilent) this.#change(false);
  }

  /** No heartbeat is awaited for now. */
  rest(): void {
    clearTimeout(this.#timer);
  }

  #change(isSilent: boolean): void {
    this.#isSilent = isSilent;
    this.#tell(isSilent);
  }
}
