import { types } from 'node:util';
import type { UnitOfWork } from '../binder/record';
import type { CallGate } from '../brake/call-gate';
import type { Turn } from '../dispatch/turn';
import type { InboxAnswer } from '../inbox/inbox';
import type { Message } from '../message/message';
import type { InboundContext } from '../middleware/middleware';
import type { MiddlewareChains } from '../middleware/middleware-chains';
import type { Vitals } from '../observe/vitals';
import type { ConsumerSettings } from '../options/consumer-options';
import { held } from './all-sent';
import { Call, type Uncalled } from './call';
import { type HandlerRoute, notTaken } from './handler-route';
import { Attempt, type MessageContext } from './message-context';
import type { OnlyOnce } from './only-once';
import { refuseStream } from './refuse-stream';
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
    return this.#callThrough(gate, call, input, turn);
  }

  #callThrough(gate: CallGate, call: Call, input: Message<unknown> | Message<unknown>[], turn: Turn): Called {
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
    return ready === undefined ? this.#call(call, input, turn) : this.#callAfter(ready, call, input, turn);
  }

  #callAfter(
    ready: Promise<void>,
    call: Call,
    input: Message<unknown> | Message<unknown>[],
    turn: Turn,
  ): Promise<Uncalled | undefined> {
    const { route } = call;
    const waiting = limited(ready, { limitMs: false, deadline: turn.deadline, owner: route.owner });
    return turn.standBy(waiting).then(
      () => this.#call(call, input, turn),
      (error: unknown) => call.failed(error),
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
      return call.failed(error);
    }
    return this.#completeLater(call, result, turn);
  }

  #completeLater(call: Call, result: Promise<unknown>, turn: Turn): Promise<Uncalled | undefined> {
    return result.then(
      (value) => {
        try {
          return this.#complete(call, value, turn);
        } catch (error) {
          return call.failed(error);
        }
      },
      (error: unknown) => call.failed(error),
    );
  }

  #begun(route: HandlerRoute, input: Message<unknown> | Message<unknown>[], unitOfWork: UnitOfWork | undefined): Call {
    const { onlyOnce, outputs } = this.#parts;
    const isBatch = Array.isArray(input);
    const isHeld = unitOfWork !== undefined || route.publish !== undefined || onlyOnce !== undefined;
    const message = isBatch ? undefined : input;
    const attempt = new Attempt(message, outputs ?? (isHeld ? 'afterSuccess' : 'immediate'), unitOfWork);
    return new Call(this.#parts, route, attempt, isBatch ? input.length : 1);
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
    if (result === notTaken) return call.uncalled('filtered');
    refuseStream(result, route);
    if (route.publish === undefined && !attempt.holdsOutputs) return call.done();
    const sending = this.#publish(route, result, attempt);
    if (sending === undefined) return call.done();
    return limited(sending, { limitMs: false, deadline: turn.deadline, owner: route.owner }, call);
  }

  async #callOnce(onlyOnce: OnlyOnce, call: Call, turn: Turn): Promise<Uncalled | undefined> {
    let answer: InboxAnswer & { readonly isTaken: boolean };
    try {
      answer = await this.#once(onlyOnce, call, turn);
    } catch (error) {
      return call.failed(error);
    }
    if (answer.isDuplicate) return call.uncalled('duplicate');
    return answer.isTaken ? call.done() : call.uncalled('filtered');
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

  /** Waits for the brake and the rate limit. @throws Interrupted when intake ends before the call could begin */
  #pass(gate: CallGate, count: number, turn: Turn): number | Promise<number> {
    const entered = gate.enter(count);
    const granted = (pass: number | undefined): number => {
      if (pass === undefined) throw new Interrupted(`'${this.#parts.binding}' is stopping`);
      return pass;
    };
    return types.isPromise(entered) ? turn.standBy(entered).then(granted) : granted(entered);
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
