import { type Application, channel, type ErrorCode, Message, type MessageHeaders, MillraceError } from '@millrace/core';
import { Order, OrderCopies, Plain, Receipt } from './messages';
import { useWorld } from './world';

const world = useWorld();

async function refusal(attempt: Promise<unknown>): Promise<MillraceError> {
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!MillraceError.is(error)) throw new Error(`expected a MillraceError, got ${String(error)}`);
  return error;
}

async function expectRefused(attempt: Promise<unknown>, code: ErrorCode, sentence: RegExp): Promise<void> {
  const error = await refusal(attempt);
  expect({ code: error.code, message: error.message }).toEqual({ code, message: expect.stringMatching(sentence) });
}

const nothingPublished = (): void => expect(world().broker.records('orders')).toEqual([]);

describe('a running application refuses to send', () => {
  let app: Application;
  beforeEach(async () => {
    app = await world().start();
  });

  test('a payload that breaks the rules of its class, and names property and rule', async () => {
    const order = new Order('1');
    order.quantity = 0;
    await expectRefused(
      app.send(Order, order),
      'PAYLOAD_INVALID',
      /^Order on channel 'orders' was not sent: quantity must not be less than 1$/,
    );
    nothingPublished();
  });

  test.each<[string, unknown, RegExp]>([
    ['an instance of another class', new Plain(), /^channel 'orders' carries Order, but an instance of Plain was sent/],
    ['a plain object of the same shape', { id: '1', quantity: 1 }, /but an instance of Object was sent/],
    ['text', 'order 1', /carries Order, but .* was sent\. Nothing was sent$/],
    ['null', null, /carries Order, but .* was sent\. Nothing was sent$/],
    ['undefined', undefined, /carries Order, but .* was sent\. Nothing was sent$/],
    ['an object without a prototype', Object.create(null), /but an instance of no class was sent/],
    ['another class inside a message', new Message(new Receipt('1')), /but an instance of Receipt was sent/],
  ])('%s', async (_what, payload, sentence) => {
    await expectRefused(app.send(Order, payload as Order), 'PAYLOAD_MISMATCH', sentence);
    nothingPublished();
  });

  test.each<[string, MessageHeaders, RegExp]>([
    [
      'a forged message id',
      { millrace_id: '1' },
      /^header 'millrace_id' of a message to channel 'orders': the name is reserved/,
    ],
    ['a forged dead-letter reason', { 'x-exception-message': 'x' }, /header 'x-exception-message' .* reserved/],
    ['a forged transport header', { kafka_offset: 1 }, /header 'kafka_offset' .* reserved/],
    ['a header without a name', { '': 'x' }, /the name cannot be carried/],
    [
      'an infinite number',
      { 'x-rate': Number.POSITIVE_INFINITY },
      /header 'x-rate' .* not a number that can be carried/,
    ],
    ['an invalid date', { 'x-at': new Date(Number.NaN) }, /header 'x-at' .* invalid date/],
    ['a function', { 'x-f': (() => 1) as never }, /header 'x-f' .* a function cannot be carried/],
    ['an instance of a class', { 'x-map': new Map() as never }, /header 'x-map' .* a Map cannot be carried/],
    ['a megabyte of headers', { 'x-big': 'x'.repeat(1024 * 1024) }, /header 'x-big' .* more than 65536 bytes/],
  ])('%s', async (_what, headers, sentence) => {
    await expectRefused(app.send(Order, new Order('1'), { headers }), 'HEADER_INVALID', sentence);
    await expectRefused(app.send(Order, new Message(new Order('1'), headers)), 'HEADER_INVALID', sentence);
    nothingPublished();
  });

  test('a header that contains itself', async () => {
    const loop: unknown[] = [];
    loop.push(loop);
    await expectRefused(
      app.send(Order, new Order('1'), { headers: { loop: loop as never } }),
      'HEADER_INVALID',
      /contains itself/,
    );
    nothingPublished();
  });

  test('a payload that JSON cannot hold', async () => {
    class Big {
      readonly size = 10n;
    }
    const Bigs = channel('bigs', Big);
    await expectRefused(
      app.send(Bigs, new Big()),
      'ENCODING_FAILED',
      /^Big (for|on) channel 'bigs' cannot be written as JSON/,
    );
    expect(world().broker.records('bigs')).toEqual([]);
  });

  test('a content type nobody can write', async () => {
    await expectRefused(
      app.send(Order, new Order('1'), { headers: { contentType: 'application/x-protobuf' } }),
      'CONTENT_TYPE_UNKNOWN',
      /^no codec for content type 'application\/x-protobuf'.*; registered: /,
    );
    nothingPublished();
  });

  test('to a class that names no channel', async () => {
    expect(() => app.source(Plain)).toThrow(
      /^class Plain names no channel; decorate it with @Channel, or make a token/,
    );
    expect(() => app.source(undefined as never)).toThrow(expect.objectContaining({ code: 'CHANNEL_UNKNOWN' }));
  });

  test('what the broker refuses, with the refusal as cause', async () => {
    const cause = new Error('quota exceeded');
    world().binder.interference.send = () => Promise.reject(cause);
    const error = await refusal(app.send(Order, new Order('1')));
    expect(error).toMatchObject({ code: 'SEND_FAILED', retryable: true, cause });
    expect(error.message).toBe("'orders' could not send to 'orders': quota exceeded");
    nothingPublished();
  });
});

test('send before the start is refused, and nothing is published', async () => {
  const app = await world().create();
  await expectRefused(
    app.send(Order, new Order('1')),
    'APPLICATION_STATE',
    /^application 'shop' is not started; nothing was sent$/,
  );
  nothingPublished();
});

test('send after the stop is refused, and nothing is published', async () => {
  const app = await world().start();
  const source = app.source(Order);
  await source.send(new Order('1'));
  await app.stop();
  await expectRefused(
    source.send(new Order('2')),
    'APPLICATION_STOPPED',
    /^application 'shop' is stopped; nothing was sent$/,
  );
  await expectRefused(app.send(OrderCopies, new Order('2')), 'APPLICATION_STOPPED', /nothing was sent/);
  expect(world().broker.records('orders')).toHaveLength(1);
  expect(world().broker.records('orders.copy')).toEqual([]);
});

test('a binding whose binder cannot open it refuses to send, naming binding, destination and reason', async () => {
  const app = await world().start();
  world().binder.interference.bindProducer = () => Promise.reject(new Error('no route to host'));
  await expectRefused(
    app.send(Order, new Order('1')),
    'BINDER_FAILED',
    /^binding 'orders' to orders failed: no route to host$/,
  );
  nothingPublished();
});
