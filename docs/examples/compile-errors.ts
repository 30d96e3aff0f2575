// Compiled by `npm test`, never run: each error below is expected, or tsc fails. Regions are snippets of docs/decorators.md.
import { Channel, channel, type Message, Sink, Source } from '@millrace/core';

@Channel('orders')
class Order {
  drink = '';
}

@Channel('receipts')
class Receipt {
  cents = 0;
}

export class Wrong {
  // #region refused
  // @ts-expect-error the channel carries Order
  @Sink(Order) brew(_receipt: Receipt): void {}

  // @ts-expect-error the message comes first only with receive: 'message'
  @Sink(Order) audit(_message: Message<Order>): void {}

  // @ts-expect-error the output is a Receipt
  @Sink(Order) @Source(Receipt) bill(order: Order): Order {
    return order;
  }

  // @ts-expect-error the sender carries Order
  @Source(Order) readonly receipts!: Source<Receipt>;
  // #endregion
}

// #region refused-channel
// @ts-expect-error there is no 'customer' in Order
channel('orders.copy', Order, { key: (order) => order.customer });
// #endregion

export class Unseen {
  // #region unseen
  @Source(Order) private readonly receipts!: Source<Receipt>; // private properties: the compiler cannot compare
  @Sink(Order) brew(_order: { drink: string }): void {} // a class of the same shape, or a part of it, is accepted
  // #endregion

  use(): void {
    void this.receipts;
  }
}
