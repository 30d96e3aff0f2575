// Compiled, never run: the imperative twins are as strict as the decorators.
import { Channel, channel, Message, Millrace } from '../index';

@Channel('orders')
class Order {
  id = '';
}

@Channel('receipts')
class Receipt {
  total = 0;
}

class Ledger {
  readonly lines: string[] = [];
  constructor(readonly owner: string) {}
}

const OrderCopies = channel('orders.copy', Order);

export async function accepted(): Promise<void> {
  const app = await Millrace.create({ components: [Ledger], logger: false });
  await app.send(Order, new Order());
  await app.send(OrderCopies, new Message(new Order()), { key: 'k' });
  await app.source(OrderCopies).send(new Order());
  const handle = await app.sink(Order, { group: 'g' }, (order, message, signal) => {
    const id: string = order.id;
    const sameId: string = message.payload.id;
    return [id, sameId, signal.aborted];
  });
  await handle.stop({ deadlineMs: 1 });
  const lines: readonly string[] = app.get(Ledger).lines;
  const stop: () => void = app.events.on('retry', ({ attempt, delayMs }) => [lines, attempt + delayMs]);
  stop();
}

export async function refused(): Promise<void> {
  const app = await Millrace.create();
  // @ts-expect-error the channel carries Order
  await app.send(Order, new Receipt());
  // @ts-expect-error the channel of the token carries Order
  await app.send(OrderCopies, new Message(new Receipt()));
  // @ts-expect-error the source carries Order
  await app.source(Order).send(new Receipt());
  // @ts-expect-error the handler gets Order
  await app.sink(Order, {}, (_receipt: Receipt) => undefined);
  // @ts-expect-error a channel is a class or a token, not a name
  await app.send('orders', new Order());
  // @ts-expect-error the instance is a Ledger
  const wrong: Receipt = app.get(Ledger);
  // @ts-expect-error there is no such event
  app.events.on('retries', () => wrong);
  // @ts-expect-error components are classes
  await Millrace.create({ components: [new Ledger('x')] });
  // @ts-expect-error there is no such configuration key
  await Millrace.create({ config: { bindngs: {} } });
}
