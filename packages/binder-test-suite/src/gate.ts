/** Holds a handler until the test lets it go. */
export class Gate {
  readonly #opened: Promise<void>;
  #open!: () => void;
  #isOpen = false;

  constructor() {
    this.#opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Resolves when the gate is open, or when the signal fires. */
  async passed(signal?: AbortSignal): Promise<void> {
    if (signal === undefined) return this.#opened;
    if (signal.aborted) return;
    let leave = (): void => {};
    const aborted = new Promise<void>((resolve) => {
      leave = resolve;
      signal.addEventListener('abort', leave, { once: true });
    });
    await Promise.race([this.#opened, aborted]);
    signal.removeEventListener('abort', leave);
  }

  open(): void {
    this.#isOpen = true;
    this.#open();
  }
}
