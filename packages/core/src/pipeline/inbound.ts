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
import type { Decoded, Decoder } from './decoder';
import type { HandlerCall } from './handler-call';
import { laneOf } from './lane';
import { messageIdOf } from './message-id';
import { backOffDelay, decideRetry } from './retry-decision';
import { accepting } from './routes';
import { Interrupted } from './run-limited';
import { limitsOf } from './time-limits';

/** What an inbound pipeline is made of. */
export interface InboundParts {
  readonly binding: string;
  readonly settings: ConsumerSettings;
  readonly decoder: Decoder;
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

/** How one round of calls came out. */
type Outcome =
  | { readonly kind: 'handled' | 'duplicate'; readonly attempt: number; readonly unitOfWork: UnitOfWork | undefined }
  | { readonly kind: 'filtered' | 'interrupted'; readonly attempt: number }
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

  constructor(parts: InboundParts) {
    this.#parts = parts;
    this.#dispatcher = new Dispatcher(parts.settings.concurrency);
  }

  readonly deliver: Deliver = (record) =>
    this.#dispatcher.run(laneOf(record, this.#parts.settings.ordering), (turn) => this.#settle(record, turn));

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

  /** Rounds of calls until the record is settled. A record that is set aside or kept begins another. */
  async #settle(record: InboundRecord, turn: Turn): Promise<Settlement> {
    const startedAt = performance.now();
    let prior = priorOf(record);
    for (let round = 1; ; round += 1) {
      const outcome = await this.#round(record, prior, turn);
      switch (outcome.kind) {
        case 'handled': {
          const settlement = this.#settled(record, 'ack', outcome.attempt, startedAt);
          const { unitOfWork } = outcome;
          return unitOfWork === undefined ? settlement : { verdict: 'ack', unitOfWork };
        }
        case 'duplicate':
          return this.#settled(record, 'duplicate', outcome.attempt, startedAt);
        case 'filtered':
          return this.#settled(record, 'filtered', outcome.attempt, startedAt);
        case 'interrupted':
          return this.#settled(record, 'requeue', outcome.attempt, startedAt);
        case 'later':
          this.#settled(record, 'delayed', outcome.attempt, startedAt);
          if (this.#parts.parksDelayed) return parked(record, outcome);
          prior = { attempts: outcome.attempt, rungs: outcome.rungs };
          if (!(await turn.leave(outcome.delayMs))) return settlements.requeue;
          break;
        case 'failure': {
          const written = await this.#parts.deadLetters.write(record, outcome.failure);
          if (written !== 'refused')
            return this.#settled(record, written === 'written' ? 'deadLetter' : 'discard', outcome.attempt, startedAt);
          // The record is kept, unsettled and in its lane, and comes back to the handler: nothing overtakes it, nothing is lost.
          prior = { attempts: outcome.failure.attempts, rungs: prior.rungs };
          const delayMs = backOffDelay(round, this.#parts.settings.retry.backOff, Math.random());
          if (!(await turn.rest(delayMs))) return this.#settled(record, 'requeue', outcome.attempt, startedAt);
        }
      }
    }
  }

  /** Calls the handler until it succeeds, gives up, or has to stop. */
  async #round(record: InboundRecord, prior: Prior, turn: Turn): Promise<Outcome> {
    const { settings, binding, events } = this.#parts;
    for (let calls = 1; ; calls += 1) {
      const attempt = prior.attempts + calls;
      const unitOfWork = this.#parts.newUnit?.(record);
      try {
        const decoded = this.#decode(record, attempt, turn);
        const call = this.#call(types.isPromise(decoded) ? await decoded : decoded, turn, unitOfWork);
        if (call === undefined) return { kind: 'filtered', attempt };
        return { kind: (await call) ?? 'handled', attempt, unitOfWork };
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
        if (!(await turn.rest(decision.delayMs))) return { kind: 'interrupted', attempt };
      }
    }
  }

  #decode(record: InboundRecord, attempt: number, turn: Turn): Decoded | Promise<Decoded> {
    const { decoder, settings, binding } = this.#parts;
    return decodeLimited(decoder, record, attempt, { timeout: settings.timeout, deadline: turn.deadline, binding });
  }

  /** `undefined` when no sink of the message's class accepts it. */
  #call(
    { message, routes }: Decoded,
    turn: Turn,
    unitOfWork: UnitOfWork | undefined,
  ): Promise<'duplicate' | undefined> | undefined {
    const route = accepting(routes, message);
    return route === undefined ? undefined : this.#parts.handlerCall.make(route, message, turn, unitOfWork);
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
