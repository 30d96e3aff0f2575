import type { Intake } from '../binder/guarded-consumer';
import { type Deliver, type InboundRecord, type Settlement, settlements } from '../binder/record';
import { type CodecRegistry, DEFAULT_CONTENT_TYPE } from '../codec/codec-registry';
import { Dispatcher } from '../dispatch/dispatcher';
import type { Turn } from '../dispatch/turn';
import { MillraceError } from '../errors/millrace-error';
import { headerNames } from '../message/headers';
import { type Delivery, Message } from '../message/message';
import type { Events } from '../observe/events';
import type { ConsumerSettings } from '../options/consumer-options';
import type { DeadLetterWriter, Failure } from './dead-letter';
import type { HandlerRoute } from './handler-route';
import { laneOf } from './lane';
import { backOffDelay, decideRetry } from './retry-decision';
import { Interrupted, runLimited } from './run-limited';

/** What an inbound pipeline is made of. */
export interface InboundParts {
  readonly binding: string;
  readonly channel: string;
  readonly group: string | undefined;
  readonly contentType: string | undefined;
  readonly settings: ConsumerSettings;
  readonly route: HandlerRoute;
  readonly codecs: CodecRegistry;
  readonly events: Events;
  readonly deadLetters: DeadLetterWriter;
  /** Whether the binder parks delayed records itself. */
  readonly parksDelayed: boolean;
}

/** How one delivery, with all its calls of the handler, came out. */
type Outcome =
  | { readonly kind: 'handled'; readonly attempt: number }
  | { readonly kind: 'later'; readonly attempt: number; readonly delayMs: number }
  | { readonly kind: 'interrupted'; readonly attempt: number }
  | { readonly kind: 'failure'; readonly failure: Failure };

/**
 * The way in: record → lane → decode → handler, retried → settlement. One per opened consumer binding.
 * Nothing user code does escapes from it: `deliver` always resolves.
 */
export class Inbound implements Intake {
  readonly #dispatcher: Dispatcher;
  readonly #parts: InboundParts;

  constructor(parts: InboundParts) {
    this.#parts = parts;
    this.#dispatcher = new Dispatcher(parts.settings.concurrency);
  }

  get open(): number {
    return this.#dispatcher.open;
  }

  pause(): void {
    this.#dispatcher.pause();
  }

  resume(): void {
    this.#dispatcher.resume();
  }

  end(): void {
    this.#dispatcher.end();
  }

  abort(reason: Error): void {
    this.#dispatcher.abort(reason);
  }

  idle(): Promise<void> {
    return this.#dispatcher.idle();
  }

  readonly deliver: Deliver = (record) =>
    this.#dispatcher.run(laneOf(record, this.#parts.settings.ordering), (turn) => this.#settle(record, turn));

  async #settle(record: InboundRecord, turn: Turn): Promise<Settlement> {
    const startedAt = performance.now();
    let calls = priorCalls(record);
    for (let round = 1; ; round += 1) {
      const outcome = await this.#attempts(record, calls, turn);
      const tell = (result: 'ack' | 'requeue' | 'delayed' | 'deadLetter' | 'discard', attempt: number): void =>
        this.#tell(record, result, attempt, startedAt);
      switch (outcome.kind) {
        case 'handled':
          tell('ack', outcome.attempt);
          return settlements.ack;
        case 'interrupted':
          tell('requeue', outcome.attempt);
          return settlements.requeue;
        case 'later':
          tell('delayed', outcome.attempt);
          if (this.#parts.parksDelayed) return parked(record, outcome);
          if (!(await turn.leave(outcome.delayMs))) return settlements.requeue;
          break;
        case 'failure': {
          const written = await this.#parts.deadLetters.write(record, outcome.failure);
          if (written === 'written' || written === 'discarded') {
            tell(written === 'written' ? 'deadLetter' : 'discard', outcome.failure.attempts);
            return written === 'written' ? settlements.ack : settlements.reject;
          }
          // The record is kept, unsettled and in its lane, and comes back to the handler: nothing overtakes it, nothing is lost.
          const delayMs = backOffDelay(round, this.#parts.settings.retry.backOff, Math.random());
          if (!(await turn.rest(delayMs))) return settlements.requeue;
        }
      }
      calls = outcome.kind === 'failure' ? outcome.failure.attempts : outcome.attempt;
    }
  }

  /** Calls the handler until it succeeds, gives up, or has to go back. The payload is decoded anew for each call. */
  async #attempts(record: InboundRecord, priorCalls: number, turn: Turn): Promise<Outcome> {
    const { settings, binding, events } = this.#parts;
    for (let calls = 1; ; calls += 1) {
      const attempt = priorCalls + calls;
      let message: Message<unknown>;
      try {
        message = this.#decode(record, attempt);
      } catch (error) {
        return { kind: 'failure', failure: { kind: 'invalid', error, attempts: attempt - 1 } };
      }
      try {
        await this.#call(message, turn);
        return { kind: 'handled', attempt };
      } catch (error) {
        if (error instanceof Interrupted) return { kind: 'interrupted', attempt };
        const decision = decideRetry(error, calls, settings.retry, Math.random());
        if (decision.step === 'deadLetter') return { kind: 'failure', failure: { kind: 'failed', error, attempts: attempt } };
        if (decision.step === 'later') return { kind: 'later', attempt, delayMs: decision.delayMs };
        if (events.listens('retry')) events.emit('retry', { binding, attempt, delayMs: decision.delayMs, error, messageId: message.id });
        if (!(await turn.rest(decision.delayMs))) return { kind: 'interrupted', attempt };
      }
    }
  }

  async #call(message: Message<unknown>, turn: Turn): Promise<void> {
    const { route, settings } = this.#parts;
    const result = await runLimited((signal) => route.handle(message, signal), settings.timeout, turn.deadline, route.owner);
    if (route.publish !== undefined) {
      const publish = route.publish.bind(route);
      await runLimited(() => publish(result, message), false, turn.deadline, route.owner);
    }
  }

  #decode(record: InboundRecord, attempt: number): Message<unknown> {
    const { settings, route, codecs, contentType } = this.#parts;
    const { payload, headers } = record;
    if (payload === null) throw new MillraceError('PAYLOAD_UNDECODABLE', `channel '${route.channel.name}' got a record without a payload (a tombstone)`);
    if (payload.byteLength > settings.maxBytes) {
      throw new MillraceError('PAYLOAD_TOO_LARGE', `the payload has ${payload.byteLength} bytes, more than maxBytes ${settings.maxBytes} of '${this.#parts.binding}'`);
    }
    const stated = headers[headerNames.contentType];
    const codec = codecs.codecFor(typeof stated === 'string' && stated !== '' ? stated : (contentType ?? DEFAULT_CONTENT_TYPE));
    return new Message(codec.decode(payload, route.channel), headers, { key: record.key, delivery: this.#delivery(record, attempt) });
  }

  #delivery(record: InboundRecord, attempt: number): Delivery {
    const { channel, group } = this.#parts;
    const { destination, partition, position, timestamp } = record;
    return { channel, destination, group, partition, position, attempt, timestamp };
  }

  #tell(record: InboundRecord, outcome: 'ack' | 'requeue' | 'delayed' | 'deadLetter' | 'discard', attempt: number, startedAt: number): void {
    const { events, binding } = this.#parts;
    if (!events.listens('delivery')) return;
    const id = record.headers[headerNames.id];
    const messageId = typeof id === 'string' ? id : undefined;
    events.emit('delivery', { binding, outcome, attempt, durationMs: performance.now() - startedAt, messageId });
  }
}

/** Calls made before this delivery: counted in a header when it was parked, guessed from redeliveries otherwise. */
function priorCalls(record: InboundRecord): number {
  const parkedAfter = record.headers[headerNames.attempts];
  return (typeof parkedAfter === 'number' ? parkedAfter : 0) + Math.max(0, record.deliveries - 1);
}

function parked(record: InboundRecord, later: { readonly attempt: number; readonly delayMs: number }): Settlement {
  const headers = Object.freeze({ ...record.headers, [headerNames.attempts]: later.attempt });
  return { verdict: 'requeue', delayMs: later.delayMs, headers };
}
