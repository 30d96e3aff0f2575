import {
  type Application,
  type ApplicationOptions,
  headerNames,
  type Inbox,
  type InboxEntry,
  type Logger,
  MemoryInbox,
  MillraceError,
  type MillraceEvents,
  RetryLater,
  Sink,
  type SinkOptions,
  Source,
} from '@millrace/core';
import { eventually, turns } from '../eventually';
import { Gate } from '../gate';
import { Order, Receipt } from '../messages';
import { swift, useWorld } from '../world';

const world = useWorld({ partitions: 1 });

const body = (id: string): string => JSON.stringify({ id });
const publish = (id: string, messageId: string | undefined): Promise<void> =>
  world().publish('orders', body(id), { headers: messageId === undefined ? {} : { [headerNames.id]: messageId } });
const settledAll = (): Promise<void> => eventually(() => expect(world().broker.lag('orders', 'shop')).toBe(0));
const letters = () => world().broker.deadLetters('orders', 'shop');

/** An idempotent sink, and what it did. */
async function clerk(
  options: SinkOptions<Order> & { readonly receive?: 'payload'; readonly batch?: undefined } = {},
  handle: (id: string, attempt: number) => unknown = () => undefined,
  more: ApplicationOptions = {},
): Promise<{ app: Application; calls: string[]; outcomes: string[] }> {
  const calls: string[] = [];
  const outcomes: string[] = [];
  const app = await world().create({ inbox: new MemoryInbox(), ...more });
  await app.sink(Order, { ...swift, idempotent: true, ...options }, (order, { attempt }) => {
    calls.push(order.id);
    return handle(order.id, attempt);
  });
  app.events.on('delivery', ({ outcome }) => outcomes.push(outcome));
  await app.start();
  return { app, calls, outcomes };
}

test('a message that is delivered again is acknowledged without a call, and told as a duplicate', async () => {
  const { calls, outcomes } = await clerk();
  for (const [id, messageId] of [
    ['a', '1'],
    ['a', '1'],
    ['b', '2'],
    ['a', '1'],
  ] as const)
    await publish(id, messageId);
  await settledAll();
  expect(calls).toEqual(['a', 'b']);
  expect(outcomes).toEqual(['ack', 'duplicate', 'ack', 'duplicate']);
  expect(world().binder.settled('ack')).toBe(4);
});

test('what Millrace sends has an id of its own each time; with the id of the sender it is one message', async () => {
  const { app, calls } = await clerk();
  for (let count = 0; count < 2; count += 1) await app.send(Order, new Order('random'));
  for (let count = 0; count < 2; count += 1) await app.send(Order, new Order('given'), { id: 'order-17' });
  await settledAll();
  expect(calls).toEqual(['random', 'random', 'given']);
  expect(world().broker.records('orders').at(-1)?.headers[headerNames.id]).toBe('order-17');
});

test.each([
  ['empty', ''],
  ['too long', 'x'.repeat(256)],
  ['no text', 17],
])('an id that is %s is refused, and nothing is sent', async (_, id) => {
  const app = await world().start();
  await expect(app.send(Order, new Order('1'), { id: id as string })).rejects.toMatchObject({
    code: 'HEADER_INVALID',
  });
  expect(world().broker.records('orders')).toEqual([]);
});

test('a handler that fails leaves no mark: the next attempt calls it, and so does a replay of the dead letter', async () => {
  let isBroken = true;
  const { calls, outcomes } = await clerk({}, () => {
    if (isBroken) throw new Error('no');
  });
  await publish('a', '1');
  await settledAll();
  isBroken = false;
  const [letter] = letters();
  expect(letter?.headers[headerNames.id]).toBe('1');
  await publish('a', letter?.headers[headerNames.id] as string);
  await settledAll();
  await publish('a', '1');
  await settledAll();
  expect(calls).toEqual(['a', 'a', 'a', 'a']);
  expect(outcomes).toEqual(['deadLetter', 'ack', 'duplicate']);
});

test('each group remembers for itself', async () => {
  const inbox = new MemoryInbox();
  const calls: string[] = [];
  const app = await world().create({ inbox });
  for (const group of ['one', 'two'])
    await app.sink(Order, { group, idempotent: true }, (order) => void calls.push(`${group} ${order.id}`));
  await app.start();
  for (let count = 0; count < 2; count += 1) await publish('a', '1');
  await eventually(() => expect(world().binder.settled('ack')).toBe(4));
  expect(calls.sort()).toEqual(['one a', 'two a']);
});

test('the id stays with the message through retry, delay and redelivery', async () => {
  const { app, calls } = await clerk({ retry: { ...swift.retry, delays: [1] } }, (_, attempt) => {
    if (attempt === 4) throw new RetryLater(1);
    if (attempt < 6) throw new Error('again');
  });
  const ids = new Set<unknown>();
  app.events.on('retry', ({ messageId }) => ids.add(messageId));
  await app.send(Order, new Order('a'));
  await settledAll();
  expect(calls).toHaveLength(6);
  expect(ids).toEqual(new Set([world().broker.records('orders')[0]?.headers[headerNames.id]]));
});

describe('a message that cannot be known', () => {
  test('goes to the dead letter without a call, with the reason', async () => {
    const { calls } = await clerk();
    await publish('a', undefined);
    await settledAll();
    expect(calls).toEqual([]);
    expect(letters()).toMatchObject([
      {
        headers: {
          millrace_deadLetterKind: 'invalid',
          millrace_deadLetterCode: 'MESSAGE_ID_MISSING',
          'x-exception-message': expect.stringMatching(/is idempotent, but the message has no id to know it by$/),
        },
      },
    ]);
  });

  test('is known by what the sink says', async () => {
    const { calls } = await clerk({ messageId: ({ id }) => (id === 'nothing' ? '' : id) });
    for (const id of ['a', 'a', 'nothing', 'b']) await publish(id, undefined);
    await settledAll();
    expect(calls).toEqual(['a', 'b']);
    expect(letters()[0]?.headers['x-exception-message']).toMatch(/`messageId` of the sink gave none/);
  });

  test('a messageId that throws is a failure of the handler', async () => {
    const { calls } = await clerk({
      messageId: () => {
        throw new TypeError('undefined is not a number');
      },
    });
    await publish('a', '1');
    await settledAll();
    expect(calls).toEqual([]);
    expect(letters()[0]?.headers).toMatchObject({ millrace_deadLetterKind: 'failed', millrace_deadLetterAttempts: 3 });
  });

  test('ids that no store could keep are told apart all the same', async () => {
    const { calls } = await clerk({ messageId: ({ id }) => `${'x'.repeat(300)}${id}` });
    for (const id of ['\u0000', '\u0000', '\ud800', '\ud801', '\ud800']) await publish(id, undefined);
    await settledAll();
    expect(calls).toEqual(['\u0000', '\ud800', '\ud801']);
  });
});

test('a handler that ran past its timeout and ends later has no effect: the next attempt counts', async () => {
  const gate = new Gate();
  const late = new Gate();
  const { calls, outcomes } = await clerk({ timeout: 15 }, async (_, attempt) => {
    if (attempt > 1) return;
    await gate.passed;
    late.open();
  });
  await publish('a', '1');
  await settledAll();
  gate.open();
  await late.passed;
  await turns();
  await publish('a', '1');
  await settledAll();
  expect({ calls, outcomes }).toEqual({ calls: ['a', 'a'], outcomes: ['ack', 'duplicate'] });
});

test('a message that goes back at the drain deadline has no mark', async () => {
  const inbox = new MemoryInbox();
  const begun = new Gate();
  const { app } = await clerk(
    {},
    () => {
      begun.open();
      return new Promise(() => undefined);
    },
    { inbox },
  );
  await publish('a', '1');
  await begun.passed;
  await app.stop({ deadlineMs: 5 });
  const next = await clerk({}, () => undefined, { inbox });
  await settledAll();
  expect(next).toMatchObject({ calls: ['a'], outcomes: ['ack'] });
});

class Biller {
  static calls = 0;
  @Sink(Order, { ...swift, idempotent: true })
  @Source(Receipt)
  bill(order: Order): Receipt[] {
    Biller.calls += 1;
    return [new Receipt(order.id), new Receipt(`copy of ${order.id}`)];
  }
}

describe('outputs of an idempotent processor', () => {
  const receipts = () => world().broker.records('receipts');
  const idsOfReceipts = () => new Set(receipts().map(({ headers }) => headers[headerNames.id]));
  beforeEach(() => {
    Biller.calls = 0;
  });

  test('go out once, with the mark', async () => {
    await world().start({ components: [Biller], inbox: new MemoryInbox() });
    for (let count = 0; count < 3; count += 1) await publish('a', '1');
    await settledAll();
    expect({ calls: Biller.calls, receipts: receipts().length }).toEqual({ calls: 1, receipts: 2 });
  });

  test('that the broker refused after the mark are sent by the next attempt, as they were, without a call', async () => {
    let refusals = 2;
    world().binder.interference.send = async () => {
      if (refusals > 0) {
        refusals -= 1;
        throw new Error('no room');
      }
    };
    const inbox = new MemoryInbox();
    const sent = jest.spyOn(inbox, 'sent');
    const app = await world().start({ components: [Biller], inbox });
    const sends: MillraceEvents['send'][] = [];
    app.events.on('send', (event) => sends.push(event));
    await publish('a', '1');
    await settledAll();
    expect({
      calls: Biller.calls,
      receipts: receipts().map(({ payload }) => String(Buffer.from(payload ?? []))),
    }).toEqual({
      calls: 1,
      receipts: ['{"order":"a"}', '{"order":"copy of a"}'],
    });
    expect(receipts()[0]?.headers).toMatchObject({
      [headerNames.contentType]: 'application/json',
      [headerNames.causationId]: '1',
      [headerNames.correlationId]: '1',
    });
    expect(new Set(sends.map(({ messageId }) => messageId))).toEqual(idsOfReceipts());
    expect(sent).toHaveBeenCalledTimes(1);
  });

  test('that an earlier run has left behind are sent by the next one, also to a channel it does not know any more', async () => {
    const inbox = new MemoryInbox();
    world().binder.interference.send = () => Promise.reject(new Error('no room'));
    const app = await world().start({ components: [Biller], inbox });
    await publish('a', '1');
    await eventually(() => expect(letters()).toHaveLength(1));
    await app.stop();
    expect(receipts()).toEqual([]);
    world().binder.interference.send = undefined as never;
    const next = await clerk({}, () => undefined, { inbox });
    await publish('a', '1');
    await settledAll();
    expect(next).toMatchObject({ calls: [], outcomes: ['duplicate'] });
    expect(receipts()).toHaveLength(2);
    await publish('a', '1');
    await settledAll();
    expect(receipts()).toHaveLength(2);
  });

  test('that nobody awaited and that come after the mark was written are refused: they are not kept beside it', async () => {
    const inbox = new MemoryInbox();
    const marking = new Gate();
    const refused = new Gate();
    const once = inbox.once.bind(inbox);
    inbox.once = async (entry, work, signal) => {
      const answer = await once(entry, work, signal);
      marking.open();
      await refused.passed;
      return answer;
    };
    const refusals: unknown[] = [];
    const app = await world().create({ inbox });
    await app.sink(Order, { ...swift, idempotent: true }, () => {
      const late = marking.passed.then(() => app.send(Receipt, new Receipt('late')));
      void late.catch((error: unknown) => refusals.push(error)).then(() => refused.open());
    });
    await app.start();
    await publish('a', '1');
    await settledAll();
    expect(refusals).toMatchObject([{ code: 'APPLICATION_STATE' }]);
    expect(receipts()).toEqual([]);
  });

  test('of a sink are held too, unless it is asked otherwise', async () => {
    const order: string[] = [];
    const inbox = new MemoryInbox();
    const marking: Inbox = {
      open: () => inbox.open(),
      once: async (entry, work, signal) => {
        const answer = await inbox.once(entry, work, signal);
        order.push('marked');
        return answer;
      },
      sent: (entry) => inbox.sent(entry),
      close: () => inbox.close(),
    };
    world().binder.interference.send = async () => void order.push('sent');
    const app = await world().create({ inbox: marking });
    await app.sink(Order, { group: 'held', idempotent: true }, () => app.send(Receipt, new Receipt('x')));
    await app.start();
    await publish('a', '1');
    await eventually(() => expect(order).toEqual(['marked', 'sent']));
    order.length = 0;
    await app.sink(Order, { group: 'immediate', idempotent: true, outputs: 'immediate' }, () =>
      app.send(Receipt, new Receipt('x')),
    );
    await eventually(() => expect(order).toEqual(['sent', 'marked']));
  });
});

describe('an inbox in trouble', () => {
  /** Fails as long as it is told to. */
  class AwayInbox extends MemoryInbox {
    isAway = true;
    override async once(entry: InboxEntry, work: () => Promise<string | undefined>, signal: AbortSignal) {
      if (this.isAway) throw new RangeError('connection refused');
      return super.once(entry, work, signal);
    }
  }

  test('is a failure of the attempt, retried also where the author retries nothing of the kind', async () => {
    const inbox = new AwayInbox();
    const retries: unknown[] = [];
    const retry = { ...swift.retry, maxAttempts: 50, only: ['TypeError'] };
    const { app, calls } = await clerk({ retry }, () => undefined, { inbox });
    app.events.on('retry', ({ error }) => {
      retries.push(error);
      inbox.isAway = retries.length < 3;
    });
    await publish('a', '1');
    await settledAll();
    expect(calls).toEqual(['a']);
    expect(MillraceError.is(retries[0], 'INBOX_FAILED')).toBe(true);
    expect(String(retries[0])).toContain("the inbox of 'orders/shop' failed: connection refused");
  });

  test('does not hide what the handler throws', async () => {
    const retries: unknown[] = [];
    const failure = new RangeError('own');
    const { app } = await clerk({}, () => {
      throw failure;
    });
    app.events.on('retry', ({ error }) => retries.push(error));
    await publish('a', '1');
    await settledAll();
    expect(retries).toEqual([failure, failure]);
  });

  test('that cannot be opened fails the start, and says so', async () => {
    const inbox = new MemoryInbox();
    inbox.open = () => Promise.reject(new Error('password authentication failed'));
    await expect(clerk({}, () => undefined, { inbox })).rejects.toMatchObject({
      code: 'BINDER_FAILED',
      message: expect.stringContaining('the inbox could not be opened: password authentication failed'),
    });
  });

  test('is opened once, when the first idempotent sink is, and closed when nobody handles any more', async () => {
    const steps: string[] = [];
    const inbox = new MemoryInbox();
    inbox.open = async () => void steps.push('open');
    inbox.close = async () =>
      void steps.push(`close, ${world().binder.journal.includes('closed consumer orders/shop')}`);
    const idle = await world().start({ inbox });
    await idle.stop();
    expect(steps).toEqual([]);
    const { app } = await clerk({}, () => undefined, { inbox });
    await app.sink(Order, { group: 'two', idempotent: true }, () => undefined);
    await app.stop();
    expect(steps).toEqual(['open', 'close, true']);
  });
});

describe('at the start', () => {
  async function faults(options: SinkOptions<Order>): Promise<string> {
    const app = await world().create({ inbox: new MemoryInbox() });
    const given = { ...options, batch: options.batch ?? true, receive: 'payload' } as const;
    const plain = { ...options, receive: 'payload', batch: undefined } as const;
    const added =
      options.batch === undefined ? app.sink(Order, plain, () => undefined) : app.sink(Order, given, () => undefined);
    return added.then(
      () => 'none',
      (error: Error) => error.message,
    );
  }

  test.each<[string, SinkOptions<Order>, RegExp]>([
    ['a broadcast', { broadcast: true, idempotent: true }, /idempotent: a broadcast consumer has its own copy/],
    ['a batch', { batch: { size: 2 }, idempotent: true }, /idempotent: a batch has no one message to be known by/],
    [
      'a window that retries outlast',
      { idempotent: { window: '10m' }, timeout: '1m', retry: { maxAttempts: 3, delays: ['5m', '5m'] } },
      /idempotent\.window: a message is remembered for 600000 ms, but its attempts may take 1149000 ms/,
    ],
  ])('%s is refused', async (_, options, sentence) => {
    expect(await faults(options)).toMatch(sentence);
  });

  test('a window that is longer than all retries is fine', async () => {
    expect(
      await faults({
        idempotent: { window: 1_149_000 },
        timeout: '1m',
        retry: { maxAttempts: 3, delays: ['5m', '5m'] },
      }),
    ).toBe('none');
  });

  test('memory is what it is without an inbox, and the log says what that means', async () => {
    const warnings: string[] = [];
    const nothing = (): void => undefined;
    const logger: Logger = {
      debug: nothing,
      info: nothing,
      error: nothing,
      warn: (_, text) => void warnings.push(text),
    };
    const { calls } = await clerk({}, () => undefined, { inbox: undefined as never, logger });
    for (let count = 0; count < 2; count += 1) await publish('a', '1');
    await settledAll();
    expect(calls).toEqual(['a']);
    expect(warnings).toEqual([expect.stringContaining('remember in the memory of this process alone')]);
  });
});
