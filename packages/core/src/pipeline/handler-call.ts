import { types } from 'node:util';
import type { UnitOfWork } from '../binder/record';
import type { CallGate, CallOutcome } from '../brake/call-gate';
import type { Turn } from '../dispatch/turn';
import { readable } from '../errors/describe-error';
import { BatchFailed } from '../errors/verdicts';
import type { InboxAnswer } from '../inbox/inbox';
import type { Message } from '../message/message';
import type { InboundContext } from '../middleware/middleware';
import type { MiddlewareChains } from '../middleware/middleware-chains';
import type { Vitals } from '../observe/vitals';
import type { ConsumerSettings } from '../options/consumer-options';
import { held } from './all-sent';
import { Invalid } from './decode-limited';
import { type HandlerRoute, notTaken } from './handler-route';
import { Attempt, type MessageContext } from './message-context';
import type { OnlyOnce } from './only-once';
import { refuseStream } from './refuse-stream';
import { speaksOfOutage } from './retry-decision';
import { Interrupted, limited, runLimited } from './run-limited';

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

/** A call that succeeded, or a promise of it. */
export type Called = Uncalled | undefined | Promise<Uncalled | undefined>;

/** Why the user's code was not called: it had succeeded before, or no sink takes the message. */
type Uncalled = 'duplicate' | 'filtered';

/** A call, from before it passes the gate. */
interface Call {
  readonly route: HandlerRoute;
  readonly attempt: Attempt;
  /** Of messages. */
  readonly count: number;
  /** What the gate gave for it. */
  pass: number;
}

/** Makes one attempt: middleware, handler under its limit, what a processor returned, outputs held until success. */
export class HandlerCall {
  readonly #parts: HandlerCallParts;

  constructor(parts: HandlerCallParts) {
    this.#parts = parts;
  }

  /**
   * Done when the handler has succeeded and everything it published is confirmed: on return, where nothing of it takes time;
   * with `duplicate` where it had succeeded before and was not called. Throws or rejects with whatever went wrong, or
   * `Interrupted`, or `Invalid`.
   */
  make(route: HandlerRoute, input: Message<unknown> | Message<unknown>[], turn: Turn, unitOfWork?: UnitOfWork): Called {
    const { gate } = this.#parts;
    const call = this.#begun(route, input, unitOfWork);
    if (gate === undefined) return this.#callWhenReady(call, input, turn);
    const pass = this.#pass(gate, call.count, turn);
    const enter = (given: number): Called => {
      call.pass = given;
      return this.#callWhenReady(call, input, turn);
    };
    return types.isPromise(pass) ? pass.then(enter) : enter(pass);
  }

  /** Whoever has to wait for a thread waits outside the handler's time. */
  #callWhenReady(call: Call, input: Message<unknown> | Message<unknown>[], turn: Turn): Called {
    const { route } = call;
    const ready = route.ready?.();
    if (ready === undefined) return this.#call(call, input, turn);
    const waiting = limited(ready, { limitMs: false, deadline: turn.deadline, owner: route.owner });
    return turn.standBy(waiting).then(
      () => this.#call(call, input, turn),
      (error: unknown) => {
        throw this.#failed(call, error);
      },
    );
  }

  /** No promise of its own for a handler that is not asynchronous: there is a call for every message. */
  #call(call: Call, input: Message<unknown> | Message<unknown>[], turn: Turn): Called {
    const { onlyOnce } = this.#parts;
    if (onlyOnce !== undefined) return this.#callOnce(onlyOnce, call, turn);
    let result: unknown;
    try {
      result = this.#handle(call, input, turn);
      if (!types.isPromise(result)) return this.#complete(call, result, turn);
    } catch (error) {
      throw this.#failed(call, error);
    }
    return result.then(
      (value) => {
        try {
          return this.#complete(call, value, turn);
        } catch (error) {
          throw this.#failed(call, error);
        }
      },
      (error: unknown) => {
        throw this.#failed(call, error);
      },
    );
  }

  #begun(route: HandlerRoute, input: Message<unknown> | Message<unknown>[], unitOfWork: UnitOfWork | undefined): Call {
    const { onlyOnce, outputs } = this.#parts;
    const isBatch = Array.isArray(input);
    const isHeld = unitOfWork !== undefined || route.publish !== undefined || onlyOnce !== undefined;
    const message = isBatch ? undefined : input;
    const attempt = new Attempt(message, outputs ?? (isHeld ? 'afterSuccess' : 'immediate'), unitOfWork);
    return { route, attempt, count: isBatch ? input.length : 1, pass: 0 };
  }

  #handle({ route, attempt }: Call, input: Message<unknown> | Message<unknown>[], turn: Turn): unknown {
    const { context, timeout, middleware } = this.#parts;
    const isAtOnce = route.isSynchronous === true && middleware.inbound === undefined;
    return runLimited(
      (signal) => context.run(attempt, () => this.#through(route, input, signal), isAtOnce),
      timeout,
      turn.deadline,
      route.owner,
    );
  }

  /** The handler has succeeded; so has the call, when everything that goes out with it is confirmed. */
  #complete(call: Call, result: unknown, turn: Turn): Called {
    const { route, attempt } = call;
    if (result === notTaken) return this.#uncalled(call, 'filtered');
    refuseStream(result, route);
    if (route.publish === undefined && !attempt.holdsOutputs) return this.#succeeded(call);
    const sending = this.#publish(route, result, attempt);
    if (sending === undefined) return this.#succeeded(call);
    return limited(
      sending,
      { limitMs: false, deadline: turn.deadline, owner: route.owner },
      {
        done: () => this.#succeeded(call),
        failed: (error) => {
          throw this.#failed(call, error);
        },
      },
    );
  }

  async #callOnce(onlyOnce: OnlyOnce, call: Call, turn: Turn): Promise<Uncalled | undefined> {
    let answer: InboxAnswer & { readonly isTaken: boolean };
    try {
      answer = await this.#once(onlyOnce, call, turn);
    } catch (error) {
      throw this.#failed(call, error);
    }
    if (answer.isDuplicate) return this.#uncalled(call, 'duplicate');
    return answer.isTaken ? this.#succeeded(call) : this.#uncalled(call, 'filtered');
  }

  /** What the handler sends takes effect with its mark, and goes out after that. */
  async #once(
    onlyOnce: OnlyOnce,
    { route, attempt }: Call,
    turn: Turn,
  ): Promise<InboxAnswer & { readonly isTaken: boolean }> {
    const { context, timeout } = this.#parts;
    const message = attempt.message as Message<unknown>;
    const entry = onlyOnce.entryOf(route, message);
    let isTaken = true;
    const work = async (signal: () => AbortSignal): Promise<void> => {
      const result = await this.#through(route, message, signal);
      isTaken = result !== notTaken;
      if (!isTaken) return;
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
    return { ...answer, isTaken };
  }

  #uncalled({ attempt, pass }: Call, why: Uncalled): Uncalled {
    attempt.end();
    this.#cameOut('neither', pass, undefined);
    return why;
  }

  #succeeded({ attempt, pass }: Call): undefined {
    attempt.end();
    this.#cameOut('success', pass, undefined);
  }

  /** What is to be thrown. */
  #failed({ attempt, count, pass }: Call, thrown: unknown): unknown {
    attempt.end();
    const error = readable(thrown);
    this.#cameOut(outcomeOf(error, count, this.#parts.retry), pass, error);
    return error;
  }

  /** Waits for the brake and the rate limit. @throws Interrupted when intake ends before the call could begin */
  #pass(gate: CallGate, count: number, turn: Turn): number | Promise<number> {
    const entered = gate.enter(count);
    const granted = (pass: number | undefined): number => {
      if (pass === undefined) throw new Interrupted(`'${this.#parts.binding}' is stopping`);
      return pass;
    };
    return types.isPromise(entered) ? turn.standBy(entered).then(granted) : granted(entered);
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

  /** Held outputs have been taken over when `publish` returns, as a rule; they go out once all of them are. */
  #publish(route: HandlerRoute, result: unknown, attempt: Attempt): Promise<void> | undefined {
    if (route.publish === undefined) return attempt.release();
    const { context, middleware } = this.#parts;
    const isAtOnce = middleware.outbound === undefined;
    const published = context.enter(attempt, () => route.publish?.(result, attempt.message), isAtOnce);
    return published === undefined || published === held ? attempt.release() : published.then(() => attempt.release());
  }
}

/** What a failed call of so many messages says of an outage: none where some of them succeeded. */
function outcomeOf(error: unknown, count: number, retry: ConsumerSettings['retry']): CallOutcome {
  if (error instanceof Interrupted || error instanceof Invalid) return 'neither';
  if (error instanceof BatchFailed && error.failures.size < count) return 'success';
  return speaksOfOutage(error, retry) ? 'failure' : 'neither';
}
