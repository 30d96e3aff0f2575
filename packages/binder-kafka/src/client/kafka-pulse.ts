const MISSED = 3;
const SHORTEST_SILENCE_MS = 3_000;

/**
 * Notices when heartbeats go unanswered, long before the client gives up: the health is to know. Counts in parts, and none that
 * came late: then this process was kept from its work, and what the broker has answered meanwhile is not read yet.
 */
export class KafkaPulse {
  readonly #partMs: number;
  readonly #tell: (isSilent: boolean) => void;
  #timer: NodeJS.Timeout | undefined;
  #missed = 0;
  #isSilent = false;

  constructor(heartbeatInterval: number, tell: (isSilent: boolean) => void) {
    this.#partMs = Math.max(SHORTEST_SILENCE_MS / MISSED, heartbeatInterval);
    this.#tell = tell;
  }

  /** The member lives. */
  beat(): void {
    this.rest();
    this.#missed = 0;
    this.#listen();
    if (this.#isSilent) this.#change(false);
  }

  /** No heartbeat is awaited for now. */
  rest(): void {
    clearTimeout(this.#timer);
  }

  #listen(): void {
    const due = performance.now() + this.#partMs;
    this.#timer = setTimeout(() => {
      if (performance.now() - due < this.#partMs / 2) this.#missed += 1;
      if (this.#missed < MISSED) this.#listen();
      else this.#change(true);
    }, this.#partMs);
  }

  #change(isSilent: boolean): void {
    this.#isSilent = isSilent;
    this.#tell(isSilent);
  }
}
