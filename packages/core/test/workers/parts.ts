import { AsyncLocalStorage } from 'node:async_hooks';
import { BroadcastChannel, isMainThread, threadId } from 'node:worker_threads';
import {
  type Message,
  type Middleware,
  MillraceError,
  Reject,
  RetryLater,
  Sink,
  Source,
  type WorkerParts,
} from '@millrace/core';
import { Container, injectable, preDestroy } from 'inversify';
import { Order, Receipt } from '../messages';
import { swift } from '../world';

/** What an order asks for by its customer: a word, and after a colon what goes with it. */
type Act = (order: Order, message: Message<Order>, signal: AbortSignal) => void | Promise<void>;

export class Declined extends Error {
  readonly status = 402;
}
export class CardDeclined extends Declined {}

const acts: Record<string, Act> = {
  fail: () => {
    throw new TypeError('no such drink', { cause: new Error('the menu is old') });
  },
  'fail-once': (_order, message) => {
    if (message.attempt === 1) throw new Error('not yet');
  },
  decline: () => {
    throw new CardDeclined('the card is empty');
  },
  reject: () => {
    throw new Reject('sold out');
  },
  later: (_order, message) => {
    if (message.attempt === 1) throw new RetryLater(5, 'the oven is hot');
  },
  'own-error': () => {
    throw new MillraceError('SEND_FAILED', 'not sent');
  },
  text: () => {
    throw 'only text';
  },
  exit: () => process.exit(3),
  'exit-once': (_order, message) => {
    if (message.attempt === 1) process.exit(3);
  },
  memory: () => {
    const kept: number[][] = [];
    for (;;) kept.push(new Array<number>(1_000_000).fill(1));
  },
  throw: () => {
    setTimeout(() => {
      throw new Error('nobody catches this');
    });
    return new Promise(() => undefined);
  },
  'spin-until-aborted': (_order, _message, signal) => {
    while (!signal.aborted);
    signal.throwIfAborted();
  },
  'wait-until-aborted': (_order, _message, signal) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  'spin-once': (_order, message) => {
    if (message.attempt === 1) for (;;);
  },
  pause: () => new Promise((resolve) => setTimeout(resolve, 5)),
};

@injectable()
export class Prices {
  readonly of = (drink: string): string => `${drink}: 3`;
}

/** Told of by an order: who handled it, where, and in what context. */
@injectable()
export class Bar {
  static readonly trace = new AsyncLocalStorage<string>();
  #handled = 0;

  constructor(
    @Source(Receipt) private readonly receipts: Source<Receipt>,
    private readonly prices: Prices,
  ) {}

  @Sink(Order, { ...swift, workers: 2 })
  async serve(order: Order, message: Message<Order>, signal: AbortSignal): Promise<void> {
    const [word = ''] = (order.customer ?? '').split(':');
    this.#handled += 1;
    await this.receipts.send(new Receipt(`begun ${order.id}`));
    await acts[word]?.(order, message, signal);
    const place = `${isMainThread ? 'main' : 'worker'} ${threadId}`;
    const facts = { place, handled: this.#handled, price: this.prices.of('tea'), trace: Bar.trace.getStore() };
    await this.receipts.send(new Receipt(JSON.stringify({ id: order.id, isOrder: order instanceof Order, ...facts })));
  }

  @preDestroy()
  close(): void {
    const channel = new BroadcastChannel('bar');
    channel.postMessage(`closed after ${this.#handled}`);
    channel.close();
  }
}

/** A processor with a filter, in a thread. */
@injectable()
export class Cashier {
  @Sink(Order, { ...swift, group: 'cashiers', workers: 1, when: ({ quantity }) => quantity < 100 })
  @Source(Receipt)
  bill(order: Order): Receipt[] {
    return Array.from({ length: order.quantity }, (_, index) => new Receipt(`${order.id}/${index}`));
  }
}

export const trace: Middleware = {
  name: 'trace',
  inbound: (message, _context, next) => Bar.trace.run(`trace of ${message.id}`, () => next(message)),
};

export function container(): Container {
  const made = new Container();
  made.bind(Prices).toSelf();
  return made;
}

/** Each thread has a container of its own. */
export default (): WorkerParts => ({ components: [Bar, Cashier], container: container(), middleware: [trace] });
