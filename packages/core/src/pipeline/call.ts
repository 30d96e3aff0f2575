import type { CallGate, CallOutcome } from '../brake/call-gate';
import { readable } from '../errors/describe-error';
import { BatchFailed } from '../errors/verdicts';
import type { Vitals } from '../observe/vitals';
import type { ConsumerSettings } from '../options/consumer-options';
import { Invalid } from './decode-limited';
import type { HandlerRoute } from './handler-route';
import type { Attempt } from './message-context';
import { speaksOfOutage } from './retry-decision';
import { Interrupted, type Sequel } from './run-limited';

/** Who is told how calls come out. */
export interface CallWatch {
  readonly gate: CallGate | undefined;
  readonly vitals: Vitals;
  readonly retry: ConsumerSettings['retry'];
}

/** Why the user's code was not called: it had succeeded before, or no sink takes the message. */
export type Uncalled = 'duplicate' | 'filtered';

/** One call of a handler, from before it passes the gate to its end, which is told once. */
export class Call implements Sequel<void, undefined> {
  readonly route: HandlerRoute;
  readonly attempt: Attempt;
  /** What the gate gave for it. */
  pass = 0;
  /** Of messages. */
  readonly count: number;
  readonly #watch: CallWatch;

  constructor(watch: CallWatch, route: HandlerRoute, attempt: Attempt, count: number) {
    this.#watch = watch;
    this.route = route;
    this.attempt = attempt;
    this.count = count;
  }

  done(): undefined {
    this.#end('success', undefined);
  }

  uncalled(why: Uncalled): Uncalled {
    this.#end('neither', undefined);
    return why;
  }

  /** Always throws: the error as it is read. */
  failed(thrown: unknown): never {
    const error = readable(thrown);
    this.#end(outcomeOf(error, this.count, this.#watch.retry), error);
    throw error;
  }

  #end(outcome: CallOutcome, error: unknown): void {
    const { gate, vitals } = this.#watch;
    this.attempt.end();
    if (outcome === 'success') vitals.succeeded();
    if (outcome === 'failure') vitals.failed();
    gate?.leave(this.pass, outcome, error);
  }
}

/** What a failed call of so many messages says of an outage: none where some of them succeeded. */
function outcomeOf(error: unknown, count: number, retry: ConsumerSettings['retry']): CallOutcome {
  if (error instanceof Interrupted || error instanceof Invalid) return 'neither';
  if (error instanceof BatchFailed && error.failures.size < count) return 'success';
  return speaksOfOutage(error, retry) ? 'failure' : 'neither';
}
