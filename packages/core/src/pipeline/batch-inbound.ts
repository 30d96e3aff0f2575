import { types } from 'node:util';
import type { Intake } from '../binder/guarded-consumer';
import { type Deliver, type InboundRecord, type Settlement, settlements } from '../binder/record';
import type { CallGate } from '../brake/call-gate';
import { BatchCollector, type Collected } from '../dispatch/batch-collector';
import { Dispatcher } from '../dispatch/dispatcher';
import type { Turn } from '../dispatch/turn';
import { readable } from '../errors/describe-error';
import { MillraceError } from '../errors/millrace-error';
import { BatchFailed } from '../errors/verdicts';
import type { Message } from '../message/message';
import type { MillraceEvents } from '../observe/events';
import { decodeLimited, Invalid } from './decode-limited';
import type { HandlerRoute } from './handler-route';
import { type InboundParts, isRecalled, parked, priorOf } from './inbound';
import { Lanes } from './lane';
import { messageIdOf } from './message-id';
import { backOffDelay, decideRetry, type RetryDecision } from './retry-decision';
import { accepting } from './routes';
import { Interrupted } from './run-limited';
import { limitsOf } from './time-limits';

/** An item of a batch, with what was used up for it so far. */
interface Item {
  readonly delivery: Collected;
  /** Calls made in earlier rounds, and rungs of the delayed retry used. */
  readonly attempts: number;
  readonly rungs: number;
  /** Calls made in this round. */
  readonly calls: number;
}

interface ReadyItem extends Item {
  readonly message: Message<unknown>;
  readonly route: HandlerRoute;
}

interface Failed {
  readonly item: Item;
  readonly kind: 'invalid' | 'failed';
  readonly error: unknown;
  /** The batch failed as a whole, so nobody knows whether it was this item. */
  readonly isSuspect: boolean;
}

interface Again {
  readonly item: Item;
  readonly waitMs: number;
  /** Its last call is one of its own, because nobody knows whether it spoils the batch. */
  readonly isAlone: boolean;
}

/**
 * The way in for batch sinks. Lanes are partitions (`ordering: none`: one pool), and one batch of a lane runs at a time.
 * A batch whose handler names the items that failed (`BatchFailed`) retries only these. A batch that failed as a whole is
 * retried as a whole, but in the last attempt each item is tried alone, so that only the bad ones are dead-lettered.
 */
export class BatchInbound implements Intake {
  readonly #parts: InboundParts;
  readonly #batch: { readonly size: number; readonly wait: number };
  readonly #dispatcher: Dispatcher;
  readonly #lanes: Lanes;
  readonly #collectors = new Map<string, BatchCollector>();
  readonly #idleWaiters: (() => void)[] = [];
  #open = 0;
  #ended = false;

  constructor(parts: InboundParts, batch: { readonly size: number; readonly wait: number }) {
    this.#parts = parts;
    this.#batch = batch;
    this.#dispatcher = new Dispatcher(parts.settings.concurrency);
    // A batch is of one partition, whatever the keys of its records.
    this.#lanes = new Lanes(parts.settings.ordering === 'none' ? 'none' : 'partition');
  }

  readonly deliver: Deliver = (record) => {
    if (this.#ended) return Promise.resolve(settlements.requeue);
    this.#open += 1;
    return new Promise<Settlement>((resolve) => {
      const settle = (settlement: Settlement): void => {
        this.#open -= 1;
        if (this.#open === 0) for (const wake of this.#idleWaiters.splice(0)) wake();
        resolve(settlement);
      };
      this.#collectorOf(record).add({ record, settle, receivedAt: performance.now() });
    });
  };

  get open(): number {
    return this.#open;
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
    this.#ended = true;
    this.#dispatcher.end();
    this.#parts.gate?.end();
    limitsOf(this.#dispatcher.deadline).end();
    for (const collector of this.#collectors.values()) collector.end();
  }

  abort(reason: Error): void {
    this.#dispatcher.abort(reason);
  }

  async idle(): Promise<void> {
    if (this.#open > 0) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  #collectorOf(record: InboundRecord): BatchCollector {
    const lane = this.#lanes.of(record);
    const known = this.#collectors.get(lane ?? '');
    if (known !== undefined) return known;
    const onDue = (): void => {
      void this.#dispatcher.run(lane, async (turn) => {
        const batch = collector.take();
        await this.#process(
          batch.map((delivery) => ({ delivery, calls: 0, ...priorOf(delivery.record) })),
          turn,
        );
        return settlements.ack;
      });
    };
    const collector = new BatchCollector(this.#batch.size, this.#batch.wait, onDue);
    this.#collectors.set(lane ?? '', collector);
    return collector;
  }

  /** Calls the handler with the items until each of them is settled. */
  async #process(items: readonly Item[], turn: Turn): Promise<void> {
    let pending = this.#withoutRecalled(items);
    while (pending.length > 0) {
      const { ready, invalid } = await this.#decode(pending, turn);
      const failed = await this.#call(ready, turn);
      const again = await this.#conclude(invalid);
      if (failed === 'interrupted') return this.#giveBack([...ready, ...again.map(({ item }) => item)]);
      again.push(...(await this.#conclude(failed)));
      if (again.length === 0) return;
      const isReady = await turn.rest(Math.max(...again.map(({ waitMs }) => waitMs)));
      if (!isReady) return this.#giveBack(again.map(({ item }) => item));
      for (const { item, isAlone } of again) if (isAlone) await this.#process([item], turn);
      pending = this.#withoutRecalled(again.flatMap(({ item, isAlone }) => (isAlone ? [] : [item])));
    }
  }

  /** Somebody else may have the others: they are given back. */
  #withoutRecalled(items: readonly Item[]): readonly Item[] {
    return items.filter((item) => {
      const isKept = !isRecalled(item.delivery.record);
      if (!isKept) this.#giveBack([item]);
      return isKept;
    });
  }

  async #decode(items: readonly Item[], turn: Turn): Promise<{ ready: ReadyItem[]; invalid: Failed[] }> {
    const { decoder, settings, binding } = this.#parts;
    const limits = { timeout: settings.timeout, deadline: turn.deadline, binding };
    const ready: ReadyItem[] = [];
    const invalid: Failed[] = [];
    for (const item of items) {
      try {
        const decoded = decodeLimited(decoder, item.delivery.record, attemptOf(item) + 1, limits);
        const { message, routes } = types.isPromise(decoded) ? await decoded : decoded;
        const route = accepting(routes, message);
        if (route === undefined) this.#settle(item, 'filtered');
        else ready.push({ ...item, calls: item.calls + 1, message, route });
      } catch (thrown) {
        const error = readable(thrown);
        if (error instanceof Invalid) invalid.push({ item, kind: 'invalid', error: error.cause, isSuspect: false });
        else invalid.push({ item: { ...item, calls: item.calls + 1 }, kind: 'failed', error, isSuspect: false });
      }
    }
    return { ready, invalid };
  }

  /** One call with all items. Those that did not fail are acknowledged. */
  async #call(items: readonly ReadyItem[], turn: Turn): Promise<Failed[] | 'interrupted'> {
    const route = items[0]?.route;
    if (route === undefined) return [];
    try {
      await this.#parts.handlerCall.make(
        route,
        items.map(({ message }) => message),
        turn,
      );
      for (const item of items) this.#settle(item, 'ack');
      return [];
    } catch (thrown) {
      const error = readable(thrown);
      if (error instanceof Interrupted) return 'interrupted';
      return this.#failures(items, error);
    }
  }

  #failures(items: readonly ReadyItem[], error: unknown): Failed[] {
    if (!(error instanceof BatchFailed))
      return items.map((item) => ({ item, kind: 'failed', error, isSuspect: items.length > 1 }));
    const strangers = [...error.failures.keys()].filter((index) => items[index] === undefined);
    if (strangers.length > 0 || error.failures.size === 0) {
      const named = strangers.length > 0 ? `names item ${strangers.join(', ')}` : 'names no item';
      const report = new MillraceError(
        'BATCH_REPORT_INVALID',
        `${items[0]?.route.owner} threw BatchFailed, which ${named} of a batch of ${items.length}`,
        { cause: error },
      );
      return items.map((item) => ({ item, kind: 'failed', error: report, isSuspect: items.length > 1 }));
    }
    return items.flatMap((item, index): Failed[] => {
      if (error.failures.has(index))
        return [{ item, kind: 'failed', error: error.failures.get(index) ?? error, isSuspect: false }];
      this.#settle(item, 'ack');
      return [];
    });
  }

  /** Decides for each failed item. Returns those that are to be called again. */
  async #conclude(failures: readonly Failed[]): Promise<Again[]> {
    const { settings } = this.#parts;
    const again: Again[] = [];
    const chance = Math.random();
    for (const failure of failures) {
      const { item, error } = failure;
      const decision: RetryDecision =
        failure.kind === 'invalid' ? { step: 'deadLetter' } : decideRetry(error, item, settings.retry, chance);
      if (decision.step === 'again') {
        this.#tellRetry(item, error, decision.delayMs);
        const isLastCall = item.calls + 1 === settings.retry.maxAttempts;
        again.push({ item, waitMs: decision.delayMs, isAlone: failure.isSuspect && isLastCall });
      } else if (decision.step === 'later') {
        this.#tellRetry(item, error, decision.delayMs);
        this.#setAside(item, decision.delayMs, decision.rungs);
      } else if (!(await this.#deadLetter(failure))) {
        again.push({
          item: nextRound(item, item.rungs),
          waitMs: backOffDelay(1, settings.retry.backOff, chance),
          isAlone: false,
        });
      }
    }
    return again;
  }

  /** The item leaves the batch and comes back alone after the delay; its lane goes on meanwhile. */
  #setAside(item: Item, delayMs: number, rungs: number): void {
    if (this.#parts.parksDelayed) {
      this.#settle(item, 'delayed', parked(item.delivery.record, { attempt: attemptOf(item), delayMs, rungs }));
      return;
    }
    this.#tell(item, 'delayed');
    const comeBack = this.#dispatcher.run(undefined, async (turn) => {
      if (!(await turn.leave(delayMs))) return settlements.requeue;
      await this.#process([nextRound(item, rungs)], turn);
      return settlements.ack;
    });
    void comeBack.then(({ verdict }) => verdict === 'requeue' && this.#giveBack([item]));
  }

  async #deadLetter({ item, kind, error }: Failed): Promise<boolean> {
    if (isRecalled(item.delivery.record)) {
      this.#giveBack([item]);
      return true;
    }
    const written = await this.#parts.deadLetters.write(item.delivery.record, {
      kind,
      error,
      attempts: attemptOf(item),
    });
    if (written === 'refused') return false;
    if (written === 'written') this.#settle(item, 'deadLetter');
    else this.#settle(item, 'discard', settlements.reject);
    return true;
  }

  #giveBack(items: readonly Item[]): void {
    for (const item of items) this.#settle(item, 'requeue', settlements.requeue);
  }

  #settle(item: Item, outcome: MillraceEvents['delivery']['outcome'], settlement: Settlement = settlements.ack): void {
    this.#tell(item, outcome);
    item.delivery.settle(settlement);
  }

  #tell(item: Item, outcome: MillraceEvents['delivery']['outcome']): void {
    const { events, binding } = this.#parts;
    if (!events.listens('delivery')) return;
    const durationMs = performance.now() - item.delivery.receivedAt;
    events.emit('delivery', {
      binding,
      outcome,
      attempt: attemptOf(item),
      durationMs,
      messageId: messageIdOf(item.delivery.record),
    });
  }

  #tellRetry(item: Item, error: unknown, delayMs: number): void {
    const { events, binding } = this.#parts;
    if (!events.listens('retry')) return;
    events.emit('retry', {
      binding,
      attempt: attemptOf(item),
      delayMs,
      error,
      messageId: messageIdOf(item.delivery.record),
    });
  }
}

/** Number of the last call made for the item. */
function attemptOf(item: Item): number {
  return item.attempts + item.calls;
}

function nextRound(item: Item, rungs: number): Item {
  return { delivery: item.delivery, attempts: attemptOf(item), rungs, calls: 0 };
}
