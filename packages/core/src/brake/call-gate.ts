import type { BrakeState } from '../observe/events';
import { OutageBrake, type OutageBrakeSettings } from './outage-brake';
import { RateWindow } from './rate-window';

export interface CallGateSettings extends OutageBrakeSettings {
  readonly rate: { readonly messages: number; readonly perMs: number } | undefined;
}

/** What a call says of the health of whatever the handler depends on. */
export type CallOutcome = 'success' | 'failure' | 'neither';

export interface BrakeChange {
  readonly state: BrakeState;
  /** Failures since the last success. */
  readonly failures: number;
  /** Until the next call may begin. */
  readonly waitMs: number;
  /** What the last failed call threw; `undefined` when the brake is off. */
  readonly error: unknown;
}

export interface CallGateParts {
  readonly settings: CallGateSettings;
  readonly changed: (change: BrakeChange) => void;
}

interface Waiting {
  readonly count: number;
  proceed(pass: number | undefined): void;
}

/**
 * Where messages wait before a call of their handler: for the brake, for their turn under a rate limit. First come, first called.
 * What waits keeps its lane and its slot, so order and limits hold. One for each opening of a binding.
 */
export class CallGate {
  readonly #parts: CallGateParts;
  readonly #brake: OutageBrake;
  readonly #rate: RateWindow | undefined;
  readonly #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #running = 0;
  /** A pass of before the last opening says nothing about the trial that comes after it. */
  #openings = 0;
  #ended = false;

  constructor(parts: CallGateParts) {
    const { rate } = parts.settings;
    this.#parts = parts;
    this.#brake = new OutageBrake(parts.settings);
    this.#rate = rate && new RateWindow(rate.messages, rate.perMs);
  }

  get state(): BrakeState {
    return this.#brake.state;
  }

  /**
   * A pass for a call of so many messages: at once, or when its turn has come. `undefined`: intake has ended.
   * Whoever got one says with {@link leave} how the call came out.
   */
  enter(count: number): number | undefined | Promise<number | undefined> {
    if (this.#ended) return undefined;
    if (this.#waiting.length === 0 && this.#readyAt(count) <= performance.now()) return this.#begin(count);
    return new Promise((proceed) => {
      this.#waiting.push({ count, proceed });
      if (this.#waiting.length === 1) this.#admit();
    });
  }

  leave(pass: number, outcome: CallOutcome, error: unknown): void {
    if (pass !== this.#openings) return;
    this.#running -= 1;
    if (this.#ended) return;
    if (outcome === 'success') this.#change(() => this.#brake.succeeded(), undefined);
    if (outcome === 'failure') this.#change(() => this.#brake.failed(performance.now()), error);
    this.#admit();
  }

  /** An open brake lets one call through before its time. */
  tryNow(): void {
    if (this.#ended) return;
    this.#change(() => this.#brake.tryNow(), undefined);
    this.#admit();
  }

  /** What waits goes back, and nothing is let through any more. What runs goes on. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    for (const { proceed } of this.#waiting.splice(0)) proceed(undefined);
  }

  /** Lets through what may go, and comes back when more may. */
  #admit(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#ended) return;
    this.#change(() => this.#brake.tick(performance.now()), undefined);
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (this.#readyAt(first.count) > performance.now()) break;
      this.#waiting.shift();
      first.proceed(this.#begin(first.count));
    }
    this.#wakeLater();
  }

  /** An open brake becomes half open in its time even when nothing waits: the binding has to take in something to try. */
  #wakeLater(): void {
    const [first] = this.#waiting;
    const due = this.#brake.state === 'open' ? this.#brake.notBefore : first && this.#readyAt(first.count);
    if (due === undefined || due === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#admit(), Math.max(1, Math.ceil(due - performance.now())));
  }

  /** When a call may begin as far as is known: later than any time when it has to wait for another one to end. */
  #readyAt(count: number): number {
    const { limit, notBefore } = this.#brake;
    if (this.#running >= limit) return Number.POSITIVE_INFINITY;
    return Math.max(notBefore, this.#rate?.readyAt(count) ?? Number.NEGATIVE_INFINITY);
  }

  #begin(count: number): number {
    this.#running += 1;
    this.#rate?.take(count, performance.now());
    return this.#openings;
  }

  #change(step: () => void, error: unknown): void {
    const before = this.#brake.state;
    step();
    const { state, failures, notBefore } = this.#brake;
    if (state === before) return;
    if (state === 'open') {
      this.#openings += 1;
      this.#running = 0;
    }
    const waitMs = Math.max(0, Math.round(notBefore - performance.now()));
    this.#parts.changed({ state, failures, waitMs, error });
  }
}
