import type { MemoryRecord } from '@millrace/binder-memory';
import { Reject, RetryLater } from '@millrace/core';
import { eventually, turns } from './eventually';
import { Gate } from './gate';
import { Order } from './messages';
import { useWorld } from './world';

const world = useWorld({ partitions: 1 });

/** Whatever escapes from the framework would end the process of an application. */
const escaped: unknown[] = [];
const onEscape = (reason: unknown): void => void escaped.push(reason);
beforeEach(() => {
  escaped.length = 0;
  process.on('unhandledRejection', onEscape);
  process.on('uncaughtException', onEscape);
});
afterEach(() => {
  process.off('unhandledRejection', onEscape);
  process.off('uncaughtException', onEscape);
});

function circular(): Error {
  const error = new Error('outer');
  error.cause = new Error('inner', { cause: error });
  return error;
}

function unreadable(): Error {
  return Object.defineProperty(new Error(), 'message', {
    get() {
      throw new Error('no message for you');
    },
  });
}

async function onlyDeadLetter(): Promise<MemoryRecord> {
  return eventually(() => {
    const letters = world().broker.deadLetters('orders', 'shop');
    expect(letters).toHaveLength(1);
    return letters[0] as MemoryRecord;
  });
}

interface Case {
  readonly what: string;
  readonly thrown: () => unknown;
  readonly name: string;
  readonly message: string;
}

const cases: Case[] = [
  {
    what: 'a TypeError',
    thrown: () => new TypeError('x is not a function'),
    name: 'TypeError',
    message: 'x is not a function',
  },
  { what: 'a string', thrown: () => 'out of beans', name: 'string', message: 'out of beans' },
  { what: 'undefined', thrown: () => undefined, name: 'undefined', message: 'undefined' },
  { what: 'null', thrown: () => null, name: 'null', message: 'null' },
  { what: 'a number', thrown: () => 7, name: 'number', message: '7' },
  { what: 'an error with a circular cause', thrown: circular, name: 'Error', message: 'outer; inner' },
  {
    what: 'an error whose message cannot be read',
    thrown: unreadable,
    name: 'unknown',
    message: 'the thrown value cannot be read',
  },
  { what: 'an error without a message', thrown: () => new RangeError(), name: 'RangeError', message: 'RangeError' },
];

describe.each([
  [
    'throws',
    (value: unknown) => {
      throw value;
    },
  ],
  ['rejects with', (value: unknown) => Promise.reject(value)],
] as const)('a handler that %s', (_how, fail) => {
  test.each(cases)(
    '$what is called maxAttempts times, then the message is a dead letter and the next one is handled',
    async ({ thrown, name, message }) => {
      const calls: string[] = [];
      await world().sink(
        Order,
        { retry: { maxAttempts: 4, backOff: { initial: 1, multiplier: 1 } } },
        (order, { attempt }) => {
          calls.push(`${order.id} ${attempt}`);
          return order.id === 'bad' ? fail(thrown()) : undefined;
        },
      );
      await world().publish('orders', '{"id":"bad"}');
      await world().publish('orders', '{"id":"good"}');

      await eventually(() => expect(calls).toEqual(['bad 1', 'bad 2', 'bad 3', 'bad 4', 'good 1']));
      const letter = await onlyDeadLetter();
      expect(Buffer.from(letter.payload ?? []).toString()).toBe('{"id":"bad"}');
      expect(letter.headers).toMatchObject({
        'x-exception-fqcn': name,
        'x-exception-message': message,
        millrace_deadLetterKind: 'failed',
        millrace_deadLetterAttempts: 4,
      });
      expect(world().binder.brokenDeliveries).toEqual([]);
      await turns();
      expect(escaped).toEqual([]);
    },
  );
});

test('a handler that never settles is told by its signal, counts as a throw, and the binding goes on', async () => {
  const signals: AbortSignal[] = [];
  const handled: string[] = [];
  await world().sink(
    Order,
    { timeout: 20, retry: { maxAttempts: 2, backOff: { initial: 1 } } },
    (order, _message, signal) => {
      if (order.id === 'good') return void handled.push(order.id);
      signals.push(signal);
      return new Promise(() => undefined);
    },
  );
  await world().publish('orders', '{"id":"stuck"}');
  await world().publish('orders', '{"id":"good"}');

  await eventually(() => expect(handled).toEqual(['good']));
  expect(signals.map((signal) => signal.aborted)).toEqual([true, true]);
  expect(signals[0]?.reason).toMatchObject({ code: 'HANDLER_TIMEOUT' });
  const { headers } = await onlyDeadLetter();
  expect(headers).toMatchObject({
    millrace_deadLetterCode: 'HANDLER_TIMEOUT',
    millrace_deadLetterAttempts: 2,
    millrace_deadLetterKind: 'failed',
  });
});

test('a rejection that comes after the timeout escapes nowhere', async () => {
  const gate = new Gate();
  const settled: string[] = [];
  await world().sink(Order, { timeout: 10, retry: { maxAttempts: 1 } }, async () => {
    await gate.passed;
    settled.push('late');
    throw new Error('too late to matter');
  });
  await world().publish('orders', '{"id":"slow"}');
  const { headers } = await onlyDeadLetter();
  gate.open();
  await eventually(() => expect(settled).toEqual(['late']));
  await turns();
  expect(escaped).toEqual([]);
  expect(headers.millrace_deadLetterCode).toBe('HANDLER_TIMEOUT');
  expect(world().broker.deadLetters('orders', 'shop')).toHaveLength(1);
});

test('timeout: false gives a handler all the time it needs', async () => {
  const gate = new Gate();
  const handled: string[] = [];
  await world().sink(Order, { timeout: false }, async (order) => {
    await gate.passed;
    handled.push(order.id);
  });
  await world().publish('orders', '{"id":"slow"}');
  await eventually(() => expect(world().binder.open).toBe(1));
  gate.open();
  await eventually(() => expect(handled).toEqual(['slow']));
});

test('Reject goes to the dead letter at once, without retries', async () => {
  const attempts: number[] = [];
  await world().sink(Order, {}, (_order, { attempt }) => {
    attempts.push(attempt);
    throw new Reject('no such drink: mud');
  });
  await world().publish('orders', '{"id":"1"}');
  const { headers } = await onlyDeadLetter();
  expect(headers).toMatchObject({
    'x-exception-message': 'no such drink: mud',
    millrace_deadLetterCode: 'HANDLER_REJECTED',
    millrace_deadLetterAttempts: 1,
  });
  expect(attempts).toEqual([1]);
});

test('a thenable that is no promise is awaited, and its failure counts', async () => {
  const attempts: number[] = [];
  await world().sink(Order, {}, (_order, { attempt }) => {
    attempts.push(attempt);
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
    return { then: (_resolve: unknown, reject: (error: Error) => void) => reject(new Error('thenable failed')) };
  });
  await world().publish('orders', '{"id":"1"}');
  expect((await onlyDeadLetter()).headers['x-exception-message']).toBe('thenable failed');
  expect(attempts).toEqual([1, 2, 3]);
});

test('RetryLater comes again after the delay, others go on meanwhile, and its attempts are counted', async () => {
  const calls: string[] = [];
  await world().sink(Order, {}, (order, { attempt }) => {
    calls.push(`${order.id} ${attempt}`);
    if (order.id === 'later' && attempt < 3) throw new RetryLater(30);
  });
  await world().publish('orders', '{"id":"later"}');
  await world().publish('orders', '{"id":"other"}');
  await eventually(() => expect(calls).toEqual(['later 1', 'other 1', 'later 2', 'later 3']));
  await eventually(() => expect(world().broker.lag('orders', 'shop')).toBe(0));
  expect(world().broker.deadLetters('orders', 'shop')).toEqual([]);
});

test('a filter that throws counts as a throw of the handler', async () => {
  const when = (): never => {
    throw new Error('the filter failed');
  };
  await world().sink(Order, { when }, () => undefined);
  await world().publish('orders', '{"id":"1"}');
  expect((await onlyDeadLetter()).headers).toMatchObject({
    'x-exception-message': 'the filter failed',
    millrace_deadLetterKind: 'failed',
  });
});

test.each([
  [
    'throws',
    (): never => {
      throw new Error('listener');
    },
  ],
  ['rejects', (): Promise<never> => Promise.reject(new Error('listener'))],
])('an event listener that %s disturbs neither message nor process', async (_how, listener) => {
  const handled: string[] = [];
  const app = await world().sink(Order, {}, (order) => void handled.push(order.id));
  let heard = 0;
  app.events.on('delivery', () => {
    heard += 1;
    return listener();
  });
  for (const id of ['1', '2']) await world().publish('orders', `{"id":"${id}"}`);
  await eventually(() => expect(heard).toBe(2));
  await turns();
  expect({ handled, escaped }).toEqual({ handled: ['1', '2'], escaped: [] });
  await eventually(() => expect(world().broker.lag('orders', 'shop')).toBe(0));
});

test('what a failing handler did to payload and headers is undone for the next call', async () => {
  const seen: unknown[] = [];
  await world().sink(Order, {}, (order, message) => {
    seen.push({ quantity: order.quantity, mark: message.headers.mark });
    order.quantity = 99;
    expect(Object.isFrozen(message.headers)).toBe(true);
    throw new Error('again');
  });
  await world().publish('orders', '{"id":"1","quantity":2}', { headers: { mark: 'as sent' } });
  await onlyDeadLetter();
  expect(seen).toEqual(Array.from({ length: 3 }, () => ({ quantity: 2, mark: 'as sent' })));
});

test('an enormous error is cut before it becomes a header', async () => {
  await world().sink(Order, { retry: { maxAttempts: 1 } }, () => {
    throw new Error('x'.repeat(1_000_000));
  });
  await world().publish('orders', '{"id":"1"}');
  const { headers } = await onlyDeadLetter();
  expect(String(headers['x-exception-message']).length).toBeLessThanOrEqual(4_000);
  expect(String(headers['x-exception-stacktrace']).length).toBeLessThanOrEqual(16_000);
});
