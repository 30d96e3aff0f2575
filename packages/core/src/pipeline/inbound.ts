import { types } from 'node:util';
import type { Intake } from '../binder/guarded-consumer';
import { type Deliver, type InboundRecord, type Settlement, settlements, type UnitOfWork } from '../binder/record';
import type { CallGate } from '../brake/call-gate';
import { Dispatcher } from '../dispatch/dispatcher';
import type { Turn } from '../dispatch/turn';
import { readable } from '../errors/describe-error';
import { type HeaderValue, headerNames } from '../message/headers';
import type { Events, MillraceEvents } from '../observe/events';
import type { ConsumerSettings } from '../options/consumer-options';
import type { DeadLetterWriter, Failure } from './dead-letter';
import { decodeLimited, Invalid } from './decode-limited';
import type { Decoded, RecordDecoder } from './decoder';
import type { Called, HandlerCall } from './handler-call';
import { Lanes } from './lane';
import { messageIdOf } from './message-id';
import { backOffDelay, decideRetry } from './retry-decision';
import { accepting } from './routes';
import { Interrupted } from './run-limited';
import { limitsOf } from './time-limits';

/** What an inbound pipeline is made of. */
export interface InboundParts {
  readonly binding: string;
  readonly settings: ConsumerSettings;
  readonly decoder: RecordDecoder;
  readonly handlerCall: HandlerCall;
  /** The one its calls go through. */
  readonly gate: CallGate | undefined;
  readonly deadLetters: DeadLetterWriter;
  readonly events: Events;
  /** Whether the binder parks delayed records itself. */
  readonly parksDelayed: boolean;
  /** Under `exactlyOnce`: what the outputs of an attempt are part of. */
  readonly newUnit: ((record: InboundRecord) => UnitOfWork) | undefined;
}

/** How a call came out that went well; `filtered` where no sink of the message's class accepts it. */
type Success = 'ack' | 'duplicate' | 'filtered';

/** A call that went well, or a promise of it; `undefined` is an `ack`. */
type Attempted = Called | Promise<Exclude<Success, 'ack'> | undefined>;

interface Succeeded {
  readonly kind: Success;
  readonly attempt: number;
  readonly unitOfWork: UnitOfWork | undefined;
}

/** How one round of calls came out. */
type Outcome =
  | Succeeded
  | { readonly kind: 'interrupted'; readonly attempt: number }
  | { readonly kind: 'later'; readonly attempt: number; readonly delayMs: number; readonly rungs: number }
  | { readonly kind: 'failure'; readonly attempt: number; readonly failure: Failure };

/** Calls and rungs used before the round. */
interface Prior {
  readonly attempts: number;
  readonly rungs: number;
}

/**
 * The way in: record → lane → decode → handler, retried → settlement. One for each opening of a consumer binding.
 * Nothing user code does escapes from it: `deliver` always resolves.
 */
export class Inbound implements Intake {
  readonly #parts: InboundParts;
  readonly #dispatcher: Dispatcher;
  readonly #lanes: Lanes;

  constructor(parts: InboundParts) {
    this.#parts = parts;
    this.#dispatcher = new Dispatcher(parts.settings.concurrency);
    this.#lanes = new Lanes(parts.settings.ordering);
  }

  readonly deliver: Deliver = (record) =>
    this.#dispatcher.run(this.#lanes.of(record), (turn) =>
      isRecalled(record) ? settlements.requeue : this.#settle(record, turn),
    );

  get open(): number {
    return this.#dispatcher.open;
  }

  get workingSince(): number | undefined {
    return this.#dispatcher.workingSince;
  }

  get gate(): CallGate | undefined {
    return this.#parts.gate;
  }

  pause(): void {
    this.#dispatcher.pause();
  }

  resume(): void {
    this.#dispatcher.resume();
  }

  end(): void {
    this.#dispatcher.end();
    this.#parts.gate?.end();
    limitsOf(this.#dispatcher.deadline).end();
  }

  abort(reason: Error): void {
    this.#dispatcher.abort(reason);
  }

  idle(): Promise<void> {
    return this.#dispatcher.idle();
  }

  /** The usual case without a promise for each of its steps: the first call succeeds, at once where the handler is not asynchronous. */
  #settle(record: InboundRecord, turn: Turn): Settlement | Promise<Settlement> {
    const startedAt = turn.since;
    const prior = priorOf(record);
    const attempt = prior.attempts + 1;
    const unitOfWork = this.#parts.newUnit?.(record);
    let first: Attempted;
    try {
      first = this.#attempt(record, attempt, turn, unitOfWork);
    } catch (error) {
      return this.#settleFailed(error, record, prior, turn, startedAt);
    }
    if (!types.isPromise(first))
      return this.#succeeded(record, { kind: first ?? 'ack', attempt, unitOfWork }, startedAt);
    return this.#settleLater(first, record, prior, turn, unitOfWork);
  }

  /** Apart, because functions that keep what they need cost every call of the function around them. */
  #settleLater(
    first: Promise<Exclude<Success, 'ack'> | undefined>,
    record: InboundRecord,
    prior: Prior,
    turn: Turn,
    unitOfWork: UnitOfWork | undefined,
  ): Promise<Settlement> {
    const startedAt = turn.since;
    return first.then(
      (result) =>
        this.#succeeded(record, { kind: result ?? 'ack', attempt: prior.attempts + 1, unitOfWork }, startedAt),
      (error: unknown) => this.#settleFailed(error, record, prior, turn, startedAt),
    );
  }

  /** Rounds of calls until the record is settled, after a first call that failed. A record that is set aside or kept begins another. */
  async #settleFailed(
    firstError: unknown,
    record: InboundRecord,
    beforeAll: Prior,
    turn: Turn,
    startedAt: number,
  ): Promise<Settlement> {
    let prior = beforeAll;
    let begun: Promise<never> | undefined = Promise.reject(firstError);
    for (let round = 1; ; round += 1) {
      const outcome = await this.#round(record, prior, turn, begun);
      begun = undefined;
      switch (outcome.kind) {
        case 'ack':
        case 'duplicate':
        case 'filtered':
          return this.#succeeded(record, outcome, startedAt);
        case 'interrupted':
          return this.#settled(record, 'requeue', outcome.attempt, startedAt);
        case 'later':
          this.#settled(record, 'delayed', outcome.attempt, startedAt);
          if (this.#parts.parksDelayed) return parked(record, outcome);
          prior = { attempts: outcome.attempt, rungs: outcome.rungs };
          if (!(await turn.leave(outcome.delayMs)) || isRecalled(record)) return settlements.requeue;
          break;
        case 'failure': {
          if (isRecalled(record)) return this.#settled(record, 'requeue', outcome.attempt, startedAt);
          const written = await this.#parts.deadLetters.write(record, outcome.failure);
          if (written !== 'refused')
            return this.#settled(record, written === 'written' ? 'deadLetter' : 'discard', outcome.attempt, startedAt);
          // The record is kept, unsettled and in its lane, and comes back to the handler: nothing overtakes it, nothing is lost.
          prior = { attempts: outcome.failure.attempts, rungs: prior.rungs };
          const delayMs = backOffDelay(round, this.#parts.settings.retry.backOff, Math.random());
          if (!(await turn.rest(delayMs)) || isRecalled(record))
            return this.#settled(record, 'requeue', outcome.attempt, startedAt);
        }
      }
    }
  }

  #succeeded(record: InboundRecord, { kind, attempt, unitOfWork }: Succeeded, startedAt: number): Settlement {
    const settlement = this.#settled(record, kind, attempt, startedAt);
    return kind === 'ack' && unitOfWork !== undefined ? { verdict: 'ack', unitOfWork } : settlement;
  }

  /** Calls the handler until it succeeds, gives up, or has to stop. `begun`: the first call, where it was made already. */
  async #round(record: InboundRecord, prior: Prior, turn: Turn, begun: Promise<never> | undefined): Promise<Outcome> {
    const { settings, binding, events } = this.#parts;
    for (let calls = 1; ; calls += 1) {
      const attempt = prior.attempts + calls;
      const unitOfWork = this.#parts.newUnit?.(record);
      try {
        if (calls === 1 && begun !== undefined) await begun;
        const result = await this.#attempt(record, attempt, turn, unitOfWork);
        return { kind: result ?? 'ack', attempt, unitOfWork };
      } catch (thrown) {
        const error = readable(thrown);
        if (error instanceof Interrupted) return { kind: 'interrupted', attempt };
        if (error instanceof Invalid) {
          return { kind: 'failure', attempt, failure: { kind: 'invalid', error: error.cause, attempts: attempt - 1 } };
        }
        const decision = decideRetry(error, { calls, rungs: prior.rungs }, settings.retry, Math.random());
        if (decision.step === 'deadLetter')
          return { kind: 'failure', attempt, failure: { kind: 'failed', error, attempts: attempt } };
        if (events.listens('retry'))
          events.emit('retry', { binding, attempt, delayMs: decision.delayMs, error, messageId: messageIdOf(record) });
        if (decision.step === 'later')
          return { kind: 'later', attempt, delayMs: decision.delayMs, rungs: decision.rungs };
        if (!(await turn.rest(decision.delayMs)) || isRecalled(record)) return { kind: 'interrupted', attempt };
      }
    }
  }

  /** Decodes and calls once. Throws or rejects with what went wrong: Invalid, Interrupted, or whatever the handler threw. */
  #attempt(record: InboundRecord, attempt: number, turn: Turn, unitOfWork: UnitOfWork | undefined): Attempted {
    const decoded = this.#decode(record, attempt, turn);
    if (!types.isPromise(decoded)) return this.#call(decoded, turn, unitOfWork);
    return decoded.then((later) => this.#call(later, turn, unitOfWork));
  }

  #decode(record: InboundRecord, attempt: number, turn: Turn): Decoded | Promise<Decoded> {
    const { decoder, settings, binding } = this.#parts;
    return decodeLimited(decoder, record, attempt, { timeout: settings.timeout, deadline: turn.deadline, binding });
  }

  #call({ message, routes }: Decoded, turn: Turn, unitOfWork: UnitOfWork | undefined): Attempted {
    const route = accepting(routes, message);
    return route === undefined ? 'filtered' : this.#parts.handlerCall.make(route, message, turn, unitOfWork);
  }

  #settled(
    record: InboundRecord,
    outcome: MillraceEvents['delivery']['outcome'],
    attempt: number,
    startedAt: number,
  ): Settlement {
    const { events, binding } = this.#parts;
    if (events.listens('delivery')) {
      events.emit('delivery', {
        binding,
        outcome,
        attempt,
        durationMs: performance.now() - startedAt,
        messageId: messageIdOf(record),
      });
    }
    if (outcome === 'requeue') return settlements.requeue;
    return outcome === 'discard' ? settlements.reject : settlements.ack;
  }
}

/** Whether somebody else may have it by now; asked anew each time. */
export function isRecalled(record: InboundRecord): boolean {
  return record.isRecalled === true;
}

/** What came before this delivery: counted in headers when it was parked, guessed from redeliveries otherwise. */
export function priorOf(record: InboundRecord): Prior {
  const attempts = record.headers[headerNames.attempts];
  const rungs = record.headers[headerNames.rungs];
  return {
    attempts: countIn(attempts) + Math.max(0, record.deliveries - 1),
    rungs: countIn(rungs),
  };
}

/** Strangers may write anything there. */
function countIn(header: HeaderValue | undefined): number {
  return typeof header === 'number' && Number.isSafeInteger(header) && header > 0 ? header : 0;
}

/** Hands the record to the binder to keep for the delay, with what was used so far in its headers. */
export function parked(
  record: InboundRecord,
  later: { readonly attempt: number; readonly delayMs: number; readonly rungs: number },
): Settlement {
  const headers = Object.freeze({
    ...record.headers,
    [headerNames.attempts]: later.attempt,
    [headerNames.rungs]: later.rungs,
  });
  return { verdict: 'requeue', delayMs: later.delayMs, headers };
}
