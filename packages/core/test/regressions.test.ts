import { channel, type Logger, Message, MillraceError, Sink, Source } from '@millrace/core';
import { injectable, postConstruct } from 'inversify';
import { describeError } from '../src/errors/describe-error';
import { runLimited } from '../src/pipeline/run-limited';
import { eventually, turns } from './eventually';
import { Order, Receipt } from './messages';
import { swift, useWorld } from './world';

const world = useWorld({ partitions: 1 });
const escaped: unknown[] = [];
const onEscape = (reason: unknown): void => void escaped.push(reason);
beforeEach(() => {
  escaped.length = 0;
  process.on('unhandledRejection', onEscape);
});
afterEach(() => {
  process.off('unhandledRejection', onEscape);
});

test('a handler that throws a value nobody can look at goes to the dead letter, and deliver never rejects', async () => {
  let calls = 0;
  await world().sink(Order, {}, () => {
    calls += 1;
    if (calls > 50) return;
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    throw proxy;
  });
  await world().publish('orders', '{"id":"1"}');
  await eventually(() => expect(world().broker.lag('orders', 'shop')).toBe(0));
  expect(world().binder.brokenDeliveries).toEqual([]);
  expect(calls).toBe(3);
});

test('a rejection of a handler that began after the drain deadline escapes nowhere', async () => {
  await expect(runLimited(() => Promise.reject(new Error('late')), false, AbortSignal.abort(), 'x')).rejects.toThrow();
  await turns();
  expect(escaped).toEqual([]);
});

test('a logger that throws does not disturb a message', async () => {
  let isBroken = false;
  const line = (): void => {
    if (isBroken) throw new Error('disk full');
  };
  const logger: Logger = { debug: line, info: line, warn: line, error: line };
  const fails = (): never => {
    throw new Error('x');
  };
  await world().sink(Order, {}, fails, { logger });
  isBroken = true;
  await world().publish('orders', '{"id":"1"}');
  await eventually(() => expect(world().broker.lag('orders', 'shop')).toBe(0), 2_000).finally(() => {
    isBroken = false;
  });
  expect(world().binder.brokenDeliveries).toEqual([]);
  expect(world().broker.deadLetters('orders', 'shop')).toHaveLength(1);
});

test('a processor may return message.withPayload(…) of its input', async () => {
  @injectable()
  class Cashier {
    @Sink(Order, swift) @Source(Receipt) bill(order: Order, message: Message<Order>): Message<Receipt> {
      return message.withPayload(new Receipt(order.id));
    }
  }
  const app = await world().start({ components: [Cashier] });
  await app.send(Order, new Order('1'));
  await eventually(() => expect(world().broker.records('receipts')).toHaveLength(1));
});

test('constructor sources of a base class are injected into a subclass, or the start fails and says why', async () => {
  @injectable()
  class Base {
    constructor(@Source(Receipt) protected readonly receipts: Source<Receipt>) {}
  }
  @injectable()
  class Derived extends Base {
    @Sink(Order, swift) async take(order: Order): Promise<void> {
      await this.receipts.send(new Receipt(order.id));
    }
  }
  const app = await world().start({ components: [Derived] });
  await app.send(Order, new Order('1'));
  await eventually(() => expect(world().broker.records('receipts')).toHaveLength(1));
});

test('a key function that throws rejects the send with a MillraceError that names the channel', async () => {
  const key = (): never => {
    throw new TypeError('oops');
  };
  const app = await world().start();
  const refusal = await app.send(channel('keyed', Order, { key }), new Order('1')).catch((error: unknown) => error);
  expect(MillraceError.is(refusal)).toBe(true);
  expect(world().broker.records('keyed')).toEqual([]);
});

test('a send of a component while it is created waits for its binding, as #admitSend promises', async () => {
  const outcome: unknown[] = [];
  @injectable()
  class Early {
    constructor(@Source(Order) private readonly orders: Source<Order>) {}
    @postConstruct() hello(): void {
      this.orders.send(new Order('early')).then(
        () => outcome.push('sent'),
        (error: Error) => outcome.push(error.message),
      );
    }
  }
  await world().start({ components: [Early] });
  await eventually(() => expect(outcome).toEqual(['sent']));
});

test('a fault in the schema of the configuration and a fault of the wiring are told together', async () => {
  class Plain {}
  class Bad {
    @Sink(Plain as never) take(): void {}
  }
  const creating = world().create({ components: [Bad], config: { bindngs: {} } as never });
  await expect(creating).rejects.toMatchObject({
    message: expect.stringMatching(/bindngs[\s\S]*Bad\.take|Bad\.take[\s\S]*bindngs/),
  });
});

test('an error whose class has a static name that is no text is described as text', () => {
  class Odd extends Error {
    static override readonly name = 5 as never;
  }
  expect(typeof describeError(new Odd('x')).name).toBe('string');
});

test.each([
  ['an asynchronous iterator', () => (async function* () {})()],
  ['an observable', () => ({ subscribe: () => undefined })],
])('a handler that returns %s is refused, not acknowledged before its work', async (_name, result) => {
  await world().sink(Order, {}, () => result());
  await world().publish('orders', '{"id":"1"}');
  await eventually(() => expect(world().broker.deadLetters('orders', 'shop')).toHaveLength(1));
  expect(world().broker.deadLetters('orders', 'shop')[0]?.headers['x-exception-message']).toMatch(/returned a stream/);
});

test('sends to a channel that no component names keep their order, though the first of them opens it', async () => {
  const app = await world().start();
  const ids = ['1', '2', '3', '4'];
  await Promise.all(ids.map((id) => app.send(Receipt, new Receipt(id))));
  const sent = world().broker.records('receipts');
  expect(sent.map(({ payload }) => JSON.parse(Buffer.from(payload ?? []).toString()).order)).toEqual(ids);
});
