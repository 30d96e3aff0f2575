import { types } from 'node:util';
import type { UnitOfWork } from '../binder/record';
import type { CallGate, CallOutcome } from '../brake/call-gate';
import type { Turn } from '../dispatch/turn';
import { readable } from '../errors/describe-error';
import { BatchFailed, Reject } from '../errors/verdicts';
import type { InboxAnswer } from '../inbox/inbox';
import type { Message } from '../message/message';
import type { InboundContext } from '../middleware/middleware';
import type { MiddlewareChains } from '../middleware/middleware-chains';
import type { Vitals } from '../observe/vitals';
import type { ConsumerSettings } from '../options/consumer-options';
import { Invalid } from './decode-limited';
import type { HandlerRoute } from './handler-route';
import { Attempt, type MessageContext } from './message-context';
import type { OnlyOnce } from './only-once';
import { speaksOfOutage } from './retry-decision';
import { Interrupted, runLimited } from './run-limited';

export interface HandlerCallParts {
  readonly binding: string;
  readonly group: string | undefined;
  readonly timeout: number | false;
  readonly retry: ConsumerSettings['retry'];
  /** Brake and rate limit, before the handler's time begins to run; absent where there are none. */
  readonly gate: CallGate | undefined;
  readonly vitals: Vitals;
  /** Absent where messages are not remembered. */
  readonly onlyOnce: OnlyOnce | undefined;
  /** What the author chose; otherwise processors and idempotent sinks hold their outputs, and others do not. */
  readonly outputs: 'immediate' | 'afterSuccess' | undefined;
  readonly context: MessageContext;
  readonly middleware: MiddlewareChains;
}

/** Makes one attempt: middleware, handler under its limit, what a processor returned, outputs held until success. */
export class HandlerCall {
  readonly #parts: HandlerCallParts;

  constructor(parts: HandlerCallParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when the handler has succeeded and everything it published is confirmed: with `duplicate` where it had succeeded
   * before and was not called. Rejects with whatever went wrong, or `Interrupted`, or `Invalid`.
   */
  async make(
    route: HandlerRoute,
    input: Message<unknown> | Message<unknown>[],
    turn: Turn,
    unitOfWork?: UnitOfWork,
  ): Promise<'duplicate' | undefined> {
    const { context, timeout, gate, onlyOnce, outputs } = this.#parts;
    const count = Array.isArray(input) ? input.length : 1;
    const pass = gate === undefined ? 0 : await this.#pass(gate, count, turn);
    const message = Array.isArray(input) ? undefined : input;
    const isHeld = unitOfWork !== undefined || route.publish !== undefined || onlyOnce !== undefined;
    const attempt = new Attempt(message, outputs ?? (isHeld ? 'afterSuccess' : 'immediate'), unitOfWork);
    try {
      if (onlyOnce !== undefined && (await this.#once(onlyOnce, route, attempt, turn)).isDuplicate) {
        this.#cameOut('neither', pass, undefined);
        return 'duplicate';
      }
      if (onlyOnce === undefined) {
        const result = await runLimited(
          (signal) => context.run(attempt, () => this.#through(route, input, signal)),
          timeout,
          turn.deadline,
          route.owner,
        );
        refuseStream(result, route);
        if (route.publish !== undefined || attempt.holdsOutputs) {
          await runLimited(() => this.#publish(route, result, attempt), false, turn.deadline, route.owner);
        }
      }
      this.#cameOut('success', pass, undefined);
    } catch (thrown) {
      const error = readable(thrown);
      this.#cameOut(outcomeOf(error, count, this.#parts.retry), pass, error);
      throw error;
    } finally {
      attempt.end();
    }
    return undefined;
  }

  /** What the handler sends takes effect with its mark, and goes out after that. */
  async #once(onlyOnce: OnlyOnce, route: HandlerRoute, attempt: Attempt, turn: Turn): Promise<InboxAnswer> {
    const { context, timeout } = this.#parts;
    const message = attempt.message as Message<unknown>;
    const entry = onlyOnce.entryOf(route, message);
    const work = async (signal: () => AbortSignal): Promise<void> => {
      const result = await this.#through(route, message, signal);
      refuseStream(result, route);
      await route.publish?.(result, message);
    };
    const answer = await runLimited(
      (signal) => context.run(attempt, () => onlyOnce.run(entry, attempt, () => work(signal), signal())),
      timeout,
      turn.deadline,
      route.owner,
    );
    await runLimited(() => onlyOnce.send(entry, answer, attempt), false, turn.deadline, route.owner);
    return answer;
  }

  /** Waits for the brake and the rate limit. @throws Interrupted when intake ends before the call could begin */
  async #pass(gate: CallGate, count: number, turn: Turn): Promise<number> {
    const entered = gate.enter(count);
    const pass = types.isPromise(entered) ? await turn.standBy(entered) : entered;
    if (pass === undefined) throw new Interrupted(`'${this.#parts.binding}' is stopping`);
    return pass;
  }

  #cameOut(outcome: CallOutcome, pass: number, error: unknown): void {
    const { gate, vitals } = this.#parts;
    if (outcome === 'success') vitals.succeeded();
    if (outcome === 'failure') vitals.failed();
    gate?.leave(pass, outcome, error);
  }

  #through(route: HandlerRoute, input: Message<unknown> | Message<unknown>[], signal: () => AbortSignal): unknown {
    const { inbound, inboundBatch } = this.#parts.middleware;
    if (Array.isArray(input)) {
      if (inboundBatch === undefined) return route.handle(input, signal);
      return inboundBatch(input, this.#contextOf(route, signal), async (messages) => route.handle(messages, signal));
    }
    if (inbound === undefined) return route.handle(input, signal);
    return inbound(input, this.#contextOf(route, signal), async (message) => route.handle(message, signal));
  }

  #contextOf(route: HandlerRoute, signal: () => AbortSignal): InboundContext {
    const { binding, group } = this.#parts;
    return { binding, group, owner: route.owner, signal: signal() };
  }

  async #publish(route: HandlerRoute, result: unknown, attempt: Attempt): Promise<void> {
    await this.#parts.context.run(attempt, async () => route.publish?.(result, attempt.message));
    await attempt.release();
  }
}

/** What a failed call of so many messages says of an outage: none where some of them succeeded. */
function outcomeOf(error: unknown, count: number, retry: ConsumerSettings['retry']): CallOutcome {
  if (error instanceof Interrupted || error instanceof Invalid) return 'neither';
  if (error instanceof BatchFailed && error.failures.size < count) return 'success';
  return speaksOfOutage(error, retry) ? 'failure' : 'neither';
}

/** A generator, a readable stream, an observable: it would be acknowledged before, or without, its work. */
function refuseStream(result: unknown, { owner }: HandlerRoute): void {
  if (typeof result !== 'object' || result === null) return;
  if (Symbol.asyncIterator in result || typeof (result as { subscribe?: unknown }).subscribe === 'function')
    throw new Reject(`${owner} returned a stream, whose work nobody would await`);
}
