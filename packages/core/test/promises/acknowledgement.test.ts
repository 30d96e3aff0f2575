import { type Application, Sink, Source } from '@millrace/core';
import { injectable } from 'inversify';
import { eventually, turns } from '../eventually';
import { Gate } from '../gate';
import { Order, Receipt } from '../messages';
import { swift, useWorld } from '../world';

const world = useWorld({ partitions: 1 });

@injectable()
class Cashier {
  static calls = 0;

  @Sink(Order, swift)
  @Source(Receipt)
  bill(order: Order): Receipt {
    Cashier.calls += 1;
    return new Receipt(order.id);
  }
}

@injectable()
class Barista {
  constructor(@Source(Receipt) private readonly receipts: Source<Receipt>) {}

  @Sink(Order, swift)
  async brew(order: Order): Promise<void> {
    await this.receipts.send(new Receipt(order.id));
  }
}

beforeEach(() => {
  Cashier.calls = 0;
});

/** The send to the channel waits until the gate is open; resolves when it has begun. */
function holdSendsTo(destination: string): { gate: Gate; begun: Gate } {
  const gate = new Gate();
  const begun = new Gate();
  world().binder.interference.send = async (target) => {
    if (target !== destination) return;
    begun.open();
    await gate.passed;
  };
  return { gate, begun };
}

test('send resolves only when the broker has the message', async () => {
  const app = await world().start();
  const { gate, begun } = holdSendsTo('orders');
  let isResolved = false;
  const sending = app.send(Order, new Order('1')).then(() => {
    isResolved = true;
  });
  await begun.passed;
  await turns();
  expect(isResolved).toBe(false);
  gate.open();
  await sending;
  expect(world().broker.records('orders')).toHaveLength(1);
});

test('the input is not acknowledged while its handler runs', async () => {
  const gate = new Gate();
  const started = new Gate();
  await world().sink(Order, {}, async () => {
    started.open();
    await gate.passed;
  });
  await world().publish('orders', '{"id":"1"}');
  await started.passed;
  await turns();
  expect(world().binder.journal).toEqual([]);
  expect(world().broker.lag('orders', 'shop')).toBe(1);
  gate.open();
  await eventually(() => expect(world().binder.journal).toEqual(['settled orders ack']));
  await eventually(() => expect(world().broker.lag('orders', 'shop')).toBe(0));
});

test.each([
  ['a returned output', Cashier],
  ['an output sent by the handler', Barista],
])('%s is confirmed before the input is acknowledged', async (_what, component) => {
  const { gate, begun } = holdSendsTo('receipts');
  await world().start({ components: [component] });
  await world().publish('orders', '{"id":"1"}');
  await begun.passed;
  await turns();
  expect(world().binder.journal).toEqual([]);
  gate.open();
  await eventually(() => expect(world().binder.journal).toEqual(['sent receipts', 'settled orders ack']));
});

describe('an output the broker refuses', () => {
  let app: Application;
  let refusals: number;
  beforeEach(async () => {
    refusals = 1;
    world().binder.interference.send = (destination) =>
      destination === 'receipts' && refusals-- > 0 ? Promise.reject(new Error('no')) : Promise.resolve();
    app = await world().create({ components: [Cashier] });
  });

  test('fails the attempt, and the next attempt publishes it', async () => {
    await app.start();
    await world().publish('orders', '{"id":"1"}');
    await eventually(() => expect(world().binder.journal).toEqual(['sent receipts', 'settled orders ack']));
    expect(Cashier.calls).toBe(2);
  });

  test('again and again makes the input a dead letter, never a quiet acknowledgement', async () => {
    refusals = Number.POSITIVE_INFINITY;
    await app.start();
    await world().publish('orders', '{"id":"1"}');
    await eventually(() => expect(world().binder.journal).toEqual(['dead letter orders', 'settled orders ack']));
    const [letter] = world().broker.deadLetters('orders', 'shop');
    expect(letter?.headers).toMatchObject({
      millrace_deadLetterCode: 'SEND_FAILED',
      millrace_deadLetterKind: 'failed',
    });
    expect(Cashier.calls).toBe(3);
  });
});

test.each(['immediate', 'afterSuccess'] as const)(
  'with outputs %s a returned output that cannot be sent fails the attempt',
  async (outputs) => {
    @injectable()
    class Careless {
      @Sink(Order, { ...swift, outputs })
      @Source(Receipt)
      bill(order: Order): Receipt {
        return order.id === 'invalid' ? new Receipt(7 as never) : new Receipt(order.id);
      }
    }
    world().binder.interference.send = (destination) =>
      destination === 'receipts' ? Promise.reject(new Error('no')) : Promise.resolve();
    await world().start({ components: [Careless] });
    await world().publish('orders', '{"id":"invalid"}');
    await world().publish('orders', '{"id":"refused"}');
    await eventually(() => {
      const letters = world().broker.deadLetters('orders', 'shop');
      expect(letters.map(({ headers }) => headers.millrace_deadLetterCode)).toEqual(['PAYLOAD_INVALID', 'SEND_FAILED']);
    });
  },
);

test('the dead letter is confirmed before the input is acknowledged', async () => {
  const gate = new Gate();
  const begun = new Gate();
  world().binder.interference.deadLetter = async () => {
    begun.open();
    await gate.passed;
  };
  await world().sink(Order, { retry: { maxAttempts: 1 } }, () => {
    throw new Error('never');
  });
  await world().publish('orders', '{"id":"1"}');
  await begun.passed;
  await turns();
  expect(world().binder.journal).toEqual([]);
  gate.open();
  await eventually(() => expect(world().binder.journal).toEqual(['dead letter orders', 'settled orders ack']));
});
