// Compiled, never run: what an author may and may not write under @Sink.
import { channel } from '../channel/channel';
import { Message } from '../message/message';
import { Channel } from './channel';
import { Sink } from './sink';

@Channel<Order>('orders', { key: (order) => order.id })
class Order {
  id = '';
  quantity = 1;
}

@Channel('receipts')
class Receipt {
  total = 0;
}

const OrderCopies = channel('orders.copy', Order, { key: (order) => order.quantity });

export class Accepted {
  @Sink(Order) payload(_order: Order): void {}
  @Sink(Order) withMessage(_order: Order, _message: Message<Order>): void {}
  @Sink(Order) withSignal(_order: Order, _message: Message<Order>, _signal: AbortSignal): void {}
  @Sink(Order) withoutParameters(): void {}
  @Sink(Order) ofUnknown(_order: unknown): void {}
  @Sink(Order) ofSubset(_order: { readonly id: string }): void {}
  @Sink(Order) ofOptional(_order?: Order): void {}
  @Sink(Order) async asynchronous(_order: Order): Promise<void> {}
  @Sink(Order) returning(_order: Order): number {
    return 1;
  }
  @Sink(Order) private hidden(_order: Order): void {}
  @Sink(Order) protected guarded(_order: Order): void {}
  @Sink(Order, { group: 'g', concurrency: 2, ordering: 'key', timeout: '5s' }) options(_order: Order): void {}
  @Sink(Order, { receive: 'payload' }) payloadByName(_order: Order): void {}
  @Sink(Order, { receive: 'message' }) message(_message: Message<Order>): void {}
  @Sink(Order, { receive: 'message' }) messageAndSignal(_message: Message<Order>, _signal: AbortSignal): void {}
  @Sink(OrderCopies) ofToken(_order: Order): void {}
  @Sink(Order) @Sink(OrderCopies) ofBoth(_order: Order): void {}

  use(): void {
    this.hidden(new Order());
  }
}

export class Refused {
  // @ts-expect-error the channel carries Order
  @Sink(Order) wrongClass(_receipt: Receipt): void {}
  // @ts-expect-error the channel of the token carries Order
  @Sink(OrderCopies) wrongClassOfToken(_receipt: Receipt): void {}
  // @ts-expect-error a primitive is no Order
  @Sink(Order) primitive(_order: string): void {}
  // @ts-expect-error the message carries Order
  @Sink(Order) wrongMessage(_order: Order, _message: Message<Receipt>): void {}
  // @ts-expect-error the second argument is the message, not the signal
  @Sink(Order) signalInSecondPlace(_order: Order, _signal: AbortSignal): void {}
  // @ts-expect-error the message comes first only with receive: 'message'
  @Sink(Order) messageFirst(_message: Message<Order>): void {}
  // @ts-expect-error with receive: 'message' the payload does not come first
  @Sink(Order, { receive: 'message' }) payloadFirst(_order: Order): void {}
  // @ts-expect-error there is no fourth argument
  @Sink(Order) tooMany(_order: Order, _message: Message<Order>, _signal: AbortSignal, _more: string): void {}
  // @ts-expect-error there is no such option
  @Sink(Order, { grupp: 'g' }) unknownOption(_order: Order): void {}
  // @ts-expect-error a duration has a unit of time
  @Sink(Order, { timeout: '3 parsecs' }) wrongDuration(_order: Order): void {}
  // @ts-expect-error a sink stands on a method
  @Sink(Order) property = 1;
}

// @ts-expect-error the key function gets an Order
channel('orders', Order, { key: (order) => order.total });
// @ts-expect-error a key is text or a number
channel('orders', Order, { key: () => ({}) });
channel('orders', Order, { key: 'customer.id' });

// @ts-expect-error the key function gets a Keyed
@Channel<Keyed>('keyed', { key: (keyed) => keyed.missing })
export class Keyed {
  id = '';
}

// @ts-expect-error the options of a channel are of the decorated class
@Channel<Receipt>('other', { key: (receipt) => receipt.total })
export class Other {
  id = '';
}
