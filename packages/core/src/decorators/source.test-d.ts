// Compiled, never run: what an author may and may not write under @Source, and as a processor.
import { Message } from '../message/message';
import { Channel } from './channel';
import { Sink } from './sink';
import { Source } from './source';

@Channel('orders')
class Order {
  id = '';
}

@Channel('receipts')
class Receipt {
  total = 0;
}

export class AcceptedParameters {
  constructor(
    @Source(Order) plain: Source<Order>,
    @Source(Order) private readonly hidden: Source<Order>,
    @Source(Receipt) protected guarded: Source<Receipt>,
    @Source(Receipt) readonly open: Source<Receipt>,
    readonly other: string,
  ) {
    void plain.send(new Order());
  }

  async use(): Promise<void> {
    await this.hidden.send(new Order());
    await this.hidden.send(new Message(new Order(), { mark: 'x' }), {
      key: 'k',
      headers: { mark: 1 },
      destination: 'd',
    });
    await this.guarded.send(new Receipt());
    // @ts-expect-error the source carries Receipt
    await this.guarded.send(new Order());
    // @ts-expect-error the message carries Order
    await this.open.send(new Message(new Order()));
  }
}

export class RefusedParameters {
  constructor(
    // @ts-expect-error the source carries Order
    @Source(Order) readonly wrong: Source<Receipt>,
    // @ts-expect-error the same behind private
    @Source(Receipt) private readonly hidden: Source<Order>,
    // @ts-expect-error a parameter that is no source
    @Source(Order) readonly none: string,
  ) {
    void this.hidden;
  }
}

export class Properties {
  @Source(Order) readonly open!: Source<Order>;
  // @ts-expect-error the source carries Order
  @Source(Order) readonly wrong!: Source<Receipt>;
  // @ts-expect-error a property that is no source
  @Source(Order) readonly none!: string;
}

export class AcceptedProcessors {
  @Sink(Order) @Source(Receipt) one(_order: Order): Receipt {
    return new Receipt();
  }
  @Sink(Order) @Source(Receipt) async later(_order: Order): Promise<Receipt> {
    return new Receipt();
  }
  @Sink(Order) @Source(Receipt) several(_order: Order): readonly Receipt[] {
    return [];
  }
  @Sink(Order) @Source(Receipt) message(_order: Order): Message<Receipt> {
    return new Message(new Receipt());
  }
  @Sink(Order) @Source(Receipt) mixed(_order: Order): (Receipt | Message<Receipt>)[] {
    return [];
  }
  @Sink(Order) @Source(Receipt) perhaps(_order: Order): Receipt | undefined {
    return undefined;
  }
  @Sink(Order) @Source(Receipt) none(_order: Order): null {
    return null;
  }
  @Sink(Order) @Source(Receipt) nothing(_order: Order): void {}
  @Sink(Order) @Source(Receipt) async nothingLater(_order: Order): Promise<void> {}
}

export class RefusedProcessors {
  // @ts-expect-error the output is Receipt
  @Sink(Order) @Source(Receipt) wrong(order: Order): Order {
    return order;
  }
  // @ts-expect-error the output is Receipt, also when it comes later
  @Sink(Order) @Source(Receipt) async wrongLater(order: Order): Promise<Order> {
    return order;
  }
  // @ts-expect-error a list of another class
  @Sink(Order) @Source(Receipt) wrongList(order: Order): Order[] {
    return [order];
  }
  // @ts-expect-error a message of another class
  @Sink(Order) @Source(Receipt) wrongMessage(order: Order): Message<Order> {
    return new Message(order);
  }
  // @ts-expect-error the input is Order
  @Sink(Order) @Source(Receipt) wrongInput(receipt: Receipt): Receipt {
    return receipt;
  }
}
