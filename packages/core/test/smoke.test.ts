import { Channel, Message, Millrace, Sink, Source } from '@millrace/core';
import { IsInt, IsString, Min } from 'class-validator';
import { injectable } from 'inversify';

@Channel('ready')
class Ready {
  @IsString() id!: string;
  constructor(id: string) {
    this.id = id;
  }
}

@Channel('orders')
class Order {
  @IsString() id!: string;
  @IsInt() @Min(1) quantity = 1;
  constructor(id: string) {
    this.id = id;
  }
}

@injectable()
class Barista {
  seen: string[] = [];
  constructor(@Source(Ready) private readonly ready: Source<Ready>) {}

  @Sink(Order, { group: 'baristas' })
  async brew(order: Order, message: Message<Order>): Promise<void> {
    this.seen.push(`${order.id} ${order instanceof Order} ${message.attempt}`);
    await this.ready.send(new Ready(order.id));
  }
}

@injectable()
class Buzzer {
  seen: string[] = [];
  @Sink(Ready) buzz(ready: Ready): void {
    this.seen.push(ready.id);
  }
}

test('smoke', async () => {
  const app = await Millrace.create({ components: [Barista, Buzzer], config: { app: 'shop' }, logger: false });
  await app.start();
  await app.send(Order, new Order('1'));
  await app.send(Order, new Order('2'));
  while (app.get(Buzzer).seen.length < 2) await new Promise((r) => setTimeout(r, 5));
  expect(app.get(Barista).seen.sort()).toEqual(['1 true 1', '2 true 1']);
  const bad = new Order('x');
  bad.quantity = 0;
  await expect(app.send(Order, bad)).rejects.toThrow(/quantity/);
  await app.stop();
});
