import { type Codec, channel, Message, type Middleware, Sink } from '@millrace/core';
import { Container, injectable } from 'inversify';
import { type TestApplication, type TestApplicationOptions, testApplication } from '../src/index';
import { Barista, Cancellation, CoffeeReady, Order, order, Payment, Payments, Till } from './shop';

let shop: TestApplication;

async function open(options: TestApplicationOptions): Promise<TestApplication> {
  shop = await testApplication({ config: { app: 'shop' }, ...options });
  return shop;
}

afterEach(() => shop.stop());

test('the application gets what is emitted, and what it sends can be read', async () => {
  await open({ components: [Barista] });
  await shop.emit(Order, order(1));
  await shop.emit(Order, new Message(order(2, 'mocha'), { table: 7 }));
  await shop.settled();
  const sent = await shop.sent(CoffeeReady);
  expect(sent.map(({ payload }) => payload)).toEqual([
    { ticket: 1, drink: 'espresso' },
    { ticket: 2, drink: 'mocha' },
  ]);
  expect(sent[0]?.payload).toBeInstanceOf(CoffeeReady);
  expect(sent[0]?.key).toBe('espresso');
  expect(sent[0]?.id).toEqual(expect.any(String));
  expect(await shop.sent(Order)).toEqual([]);
});

test('an emitted message is validated as a sender would, and nothing is sent', async () => {
  await open({ components: [Barista] });
  await expect(shop.emit(Order, order(0))).rejects.toMatchObject({ code: 'PAYLOAD_INVALID' });
  await shop.settled();
  expect(shop.get(Barista).attempts).toEqual([]);
});

test('a dead letter has bytes, payload and reason', async () => {
  await open({ components: [Barista] });
  await shop.emit(Order, order(4, 'unicorn latte'), { headers: { table: 7 }, key: 'four' });
  await shop.settled();
  const [letter, ...others] = await shop.deadLetters(Order, 'baristas');
  expect(others).toEqual([]);
  expect(letter).toMatchObject({
    payload: order(4, 'unicorn latte'),
    text: '{"ticket":4,"drink":"unicorn latte"}',
    headers: { table: 7 },
    key: 'four',
    destination: 'orders',
    group: 'baristas',
    reason: {
      kind: 'failed',
      code: 'HANDLER_REJECTED',
      errorName: 'Reject',
      message: 'nobody can make that',
      attempts: 1,
    },
  });
  expect(await shop.deadLetters(Order)).toHaveLength(1);
  expect(await shop.deadLetters(Order, 'cashiers')).toEqual([]);
  expect(await shop.deadLetters(CoffeeReady)).toEqual([]);
});

test('foreign bytes reach the application as they are, and its dead letters keep them', async () => {
  await open({ components: [Barista] });
  await shop.emitRaw(Order, '{"ticket":1,"drink":"mocha"}');
  await shop.emitRaw('orders', new Uint8Array([0xff, 0x00]), { headers: { from: 'nowhere' }, key: 'k' });
  await shop.settled();
  expect((await shop.sent(CoffeeReady)).map(({ payload }) => payload.drink)).toEqual(['mocha']);
  const [letter] = await shop.deadLetters(Order);
  expect(letter).toMatchObject({
    bytes: new Uint8Array([0xff, 0x00]),
    payload: undefined,
    headers: { from: 'nowhere' },
    key: 'k',
    reason: { kind: 'invalid', code: 'PAYLOAD_UNDECODABLE', attempts: 0 },
  });
});

test('every binder is replaced by its type, installed or not, and two of them stay apart', async () => {
  class Copy {
    readonly tickets: number[] = [];
    @Sink(channel('copies', Order)) take({ ticket }: Order): void {
      this.tickets.push(ticket);
    }
  }
  injectable()(Copy);
  await open({
    components: [Barista, Copy],
    config: {
      defaultBinder: 'main',
      binders: {
        main: { type: 'kafka', brokers: ['nowhere:9092'] },
        other: { type: '@acme/pigeons', coop: { size: 3 } },
      },
      bindings: {
        orders: {
          destination: 'same',
          consumer: { native: { sessionTimeout: 10 } },
          producer: { native: { acks: 1 } },
        },
        copies: { destination: 'same', binder: 'other' },
      },
    },
  });
  await shop.emit(Order, order(1));
  await shop.emitRaw('same', '{"ticket":2,"drink":"tea"}', { binder: 'other' });
  await shop.settled();
  expect((await shop.sent(CoffeeReady)).map(({ payload }) => payload.ticket)).toEqual([1]);
  expect(shop.get(Copy).tickets).toEqual([2]);
  await expect(shop.emitRaw('elsewhere', '')).rejects.toThrow('say which binder: main, other');
  await expect(shop.emitRaw('same', '', { binder: 'mian' })).rejects.toThrow(
    "no binder 'mian'; configured: main, other",
  );
  await expect(shop.sent(Till)).rejects.toMatchObject({ code: 'CHANNEL_UNKNOWN' });
  await expect(shop.deadLetters(Till)).rejects.toMatchObject({ code: 'CHANNEL_UNKNOWN' });
  await expect(shop.emit(Till, new Till())).rejects.toMatchObject({ code: 'CHANNEL_UNKNOWN' });
  await expect(shop.emitRaw(Till as never, '')).rejects.toMatchObject({ code: 'CHANNEL_UNKNOWN' });
  await expect(shop.emitRaw(Payments, '')).rejects.toThrow("no binding of channel 'till'");
});

test('options of the memory binder count', async () => {
  const config = { binders: { local: { type: 'memory', maxRecordBytes: 10 } } };
  await open({ components: [Barista], config });
  await expect(shop.emit(Order, order(1))).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  await expect(
    testApplication({ config: { binders: { local: { type: 'memory', partitoins: 1 } } } }),
  ).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
});

test('faults of the wiring are told as always', async () => {
  await open({});
  await expect(testApplication({ components: [class Stray {}], config: 'nowhere.yaml' })).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
  });
});

test('an application that cannot start leaves nothing open', async () => {
  await open({});
  class Broken {
    constructor() {
      throw new Error('no beans');
    }
    @Sink(Order) take(_order: Order): void {}
  }
  injectable()(Broken);
  await expect(testApplication({ components: [Broken], config: {} })).rejects.toThrow('no beans');
});

test('where classes share a channel, an emitted message says its class', async () => {
  await open({ components: [Till] });
  await shop.emit(Payments, Object.assign(new Payment(), { cents: 5 }));
  await shop.emit(Cancellation, new (Cancellation.payloadClass as new () => object)());
  await shop.settled();
  expect(shop.failures()).toEqual([]);
  expect(shop.get(Till).rung).toEqual(['5', 'cancelled']);
});

test('what was sent is told apart by class and counts dynamic destinations', async () => {
  await open({ components: [Till] });
  await shop.app.send(Payments, Object.assign(new Payment(), { cents: 5 }));
  await shop.app.send(Cancellation, new (Cancellation.payloadClass as new () => object)());
  await shop.app.send(Payments, Object.assign(new Payment(), { cents: 6 }), { destination: 'archive' });
  await shop.settled();
  const payments = await shop.sent(Payments);
  expect(payments.map(({ payload, delivery }) => [payload.cents, delivery?.destination])).toEqual([
    [5, 'till'],
    [6, 'archive'],
  ]);
  expect(await shop.sent(Cancellation)).toHaveLength(1);
});

test('container, middleware and codecs are the application’s own; an emitted message goes by its middleware once, on the way in', async () => {
  const way: string[] = [];
  const middleware: Middleware = {
    name: 'way',
    inbound: (message, { binding }, next) => {
      way.push(`in ${binding}`);
      return next(message);
    },
    outbound: (message, { binding }, next) => {
      way.push(`out ${binding}`);
      return next(message);
    },
  };
  const hex: Codec = {
    contentTypes: ['application/hex'],
    kinds: ['text'],
    encode: (payload) => Buffer.from(Buffer.from(payload as string).toString('hex')),
    decode: (bytes) => Buffer.from(Buffer.from(bytes).toString(), 'hex').toString(),
  };
  const Lines = channel('lines', 'text', { contentType: 'application/hex' });
  class Menu {
    readonly lines: string[] = [];
    @Sink(Lines) read(line: string): void {
      this.lines.push(line);
    }
  }
  injectable()(Menu);
  const container = new Container();
  const menu = new Menu();
  container.bind(Menu).toConstantValue(menu);
  await open({ components: [Barista, Menu], container, middleware: [middleware], codecs: [hex] });
  await shop.emit(Lines, 'tea');
  await shop.emit(Order, order(1));
  await shop.settled();
  expect(menu.lines).toEqual(['tea']);
  expect(way.sort()).toEqual(['in lines/shop', 'in orders/baristas', 'out coffee-ready']);
});

test('an application that reads several destinations is fed through bytes', async () => {
  const config = { app: 'shop', bindings: { orders: { destination: ['north', 'south'] } } };
  await open({ components: [Barista], config });
  await shop.emitRaw('south', '{"ticket":1,"drink":"tea"}');
  await shop.settled();
  expect(await shop.sent(CoffeeReady)).toHaveLength(1);
  await expect(shop.emit(Order, order(1))).rejects.toThrow('it has several destinations');
});

test('a failure is seen, whatever became of it', async () => {
  await open({ components: [Barista] });
  await shop.emit(Order, order(1, 'flaky'));
  await shop.emit(Order, order(2, 'decaf'));
  await shop.emitRaw(Order, 'no JSON');
  await shop.settled();
  const seen = shop
    .failures()
    .map(({ where, outcome, kind, attempt, error }) => [
      where,
      outcome,
      kind,
      attempt,
      (error as Error).message.slice(0, 18),
    ]);
  expect(seen).toHaveLength(5);
  expect(seen).toEqual(
    expect.arrayContaining([
      ['orders/baristas', 'retried', 'failed', 1, 'the grinder jammed'],
      ['orders/baristas', 'retried', 'failed', 1, 'out of decaf'],
      ['orders/baristas', 'retried', 'failed', 2, 'out of decaf'],
      ['orders/baristas', 'deadLettered', 'failed', 3, 'out of decaf'],
      ['orders/baristas', 'deadLettered', 'invalid', 0, expect.any(String)],
    ]),
  );
  await expect(shop.settled({ failures: 'throw' })).rejects.toMatchObject({
    message: expect.stringContaining('orders/baristas, deadLettered: Error: out of decaf'),
    errors: expect.arrayContaining([expect.objectContaining({ message: 'out of decaf' })]),
  });
});

test('reset forgets what was, and nothing else', async () => {
  await open({ components: [Barista] });
  await shop.emit(Order, order(1, 'flaky'));
  await shop.emit(Order, order(2, 'unicorn latte'));
  await shop.settled();
  shop.reset();
  expect([await shop.sent(CoffeeReady), await shop.deadLetters(Order), shop.failures()]).toEqual([[], [], []]);
  await shop.settled({ failures: 'throw' });
  await shop.emit(Order, order(3));
  await shop.settled();
  expect(await shop.sent(CoffeeReady)).toHaveLength(1);
});

test('messages wait while the application is stopped', async () => {
  await open({ components: [Barista] });
  await shop.app.stop();
  await shop.emit(Order, order(1));
  await shop.settled();
  await shop.app.start();
  await shop.settled();
  expect(await shop.sent(CoffeeReady)).toHaveLength(1);
});

test('bindings are the application’s own, and a stop ends it as often as it is asked', async () => {
  await open({ components: [Barista] });
  expect(shop.bindings().map(({ name, state }) => [name, state])).toEqual([
    ['coffee-ready', 'running'],
    ['orders/baristas', 'running'],
  ]);
  await shop[Symbol.asyncDispose]();
  await shop.stop();
  expect(shop.app.state).toBe('stopped');
  await expect(shop.emit(Order, order(1))).rejects.toMatchObject({ code: 'APPLICATION_STOPPED' });
});
