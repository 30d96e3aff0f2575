// A small application as a user writes it: two messages, a sink, a source, the memory binder.
import 'reflect-metadata';
import { Channel, type Message, Millrace, Sink, Source } from '@millrace/core';
import { IsString } from 'class-validator';
import { injectable } from 'inversify';

@Channel('orders')
class Order {
  @IsString() drink!: string;

  static of(drink: string): Order {
    return Object.assign(new Order(), { drink });
  }
}

@Channel('drinks')
class Drink {
  @IsString() name!: string;

  static of(name: string): Drink {
    return Object.assign(new Drink(), { name });
  }
}

@injectable()
class Barista {
  constructor(@Source(Drink) private readonly drinks: Source<Drink>) {}

  @Sink(Order, { group: 'baristas' })
  async brew(order: Order, message: Message<Order>): Promise<void> {
    if (message.payload !== order) throw new Error('the message carries another order');
    await this.drinks.send(Drink.of(`hot ${order.drink}`));
  }
}

/** Orders a latte and resolves with what is served. */
export async function orderLatte(): Promise<string> {
  const app = await Millrace.create({
    components: [Barista],
    config: { app: 'shop', binders: { local: { type: 'memory' } } },
  });
  const served = new Promise<string>((resolve) => {
    app.sink(Drink, { group: 'guests' }, (drink: Drink) => resolve(drink.name));
  });
  await app.start();
  await app.send(Order, Order.of('latte'));
  const name = await served;
  await app.stop();
  return name;
}
