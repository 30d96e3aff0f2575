import type { BrakeState } from '../observe/events';

export interface OutageBrakeSettings {
  /** After so many failures in a row one call at a time, each at least `waitMs` after the last failure; `undefined`: never. */
  readonly slow: { readonly failures: number; readonly waitMs: number } | undefined;
  /** After so many failures in a row no calls for `openMs`, then one on trial; `undefined`: never. */
  readonly circuit: { readonly failures: number; readonly openMs: number } | undefined;
}

/**
 * Decides by the outcomes of calls how many may run at once. It has no timers and asks no clock: whoever uses it says what time
 * it is, in milliseconds of any clock that only goes forward.
 *
 * | state | calls | becomes |
 * |---|---|---|
 * | `off` | any number | `slow` or `open` after enough failures in a row |
 * | `slow` | one at a time | `off` after a success, `open` after more failures |
 * | `open` | none | `halfOpen` when its time is over |
 * | `halfOpen` | one | `off` after a success, `open` again after a failure |
 */
export class OutageBrake {
  readonly #settings: OutageBrakeSettings;
  #state: BrakeState = 'off';
  #failures = 0;
  #notBefore = Number.NEGATIVE_INFINITY;

  constructor(settings: OutageBrakeSettings) {
    this.#settings = settings;
  }

  get state(): BrakeState {
    return this.#state;
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** Calls that may run at once, when it is late enough. */
  get limit(): number {
    if (this.#state === 'off') return Number.POSITIVE_INFINITY;
    return this.#state === 'open' ? 0 : 1;
  }

  /** No call begins before this time. For `open`, when it becomes half open. */
  get notBefore(): number {
    return this.#notBefore;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#to('off', Number.NEGATIVE_INFINITY);
  }

  failed(now: number): void {
    this.#failures += 1;
    const { slow, circuit } = this.#settings;
    if (circuit !== undefined && (this.#state === 'halfOpen' || this.#failures >= circuit.failures))
      this.#to('open', now + circuit.openMs);
    else if (slow !== undefined && this.#failures >= slow.failures) this.#to('slow', now + slow.waitMs);
  }

  /** An open brake whose time is over is half open. */
  tick(now: number): void {
    if (this.#state === 'open' && now >= this.#notBefore) this.tryNow();
  }

  /** An open brake lets one call through at once. */
  tryNow(): void {
    if (this.#state === 'open') this.#to('halfOpen', Number.NEGATIVE_INFINITY);
  }

  #to(state: BrakeState, notBefore: number): void {
    this.#state = state;
    this.#notBefore = notBefore;
  }
}
