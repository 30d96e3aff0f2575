/**
 * What keeps requests from being written, several at a time. All is well when none that is out is in trouble, and one was
 * written after the last that was given up.
 */
export class KafkaWritingTroubles {
  readonly #report: (trouble: Error | undefined) => void;
  /** By the request that has it. */
  readonly #open = new Map<object, Error>();
  #last: Error | undefined;
  #told: string | undefined;

  constructor(report: (trouble: Error | undefined) => void) {
    this.#report = report;
  }

  get current(): Error | undefined {
    const [first] = this.#open.values();
    return first ?? this.#last;
  }

  failed(request: object, trouble: Error): void {
    this.#open.set(request, trouble);
    this.#tell();
  }

  /** Nobody got an answer, without a failure. */
  silent(trouble: Error): void {
    this.#last = trouble;
    this.#tell();
  }

  written(request: object): void {
    this.#open.delete(request);
    this.#last = undefined;
    this.#tell();
  }

  givenUp(request: object): void {
    this.#last = this.#open.get(request) ?? this.#last;
    this.#open.delete(request);
    this.#tell();
  }

  #tell(): void {
    const { current } = this;
    if (current?.message === this.#told) return;
    this.#told = current?.message;
    this.#report(current);
  }
}
