import * as v from 'valibot';
import { z } from 'zod';
import { Channel, type ChannelToken, channel, Message, Sink, Source } from '../index';

class Order {
  id = '';
}

class OrderV1 {
  drink = '';
}

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_equal: Equal<A, B>): void => undefined;

const Orders = channel('orders', Order);
const Lines = channel('lines', 'text');
const Blobs = channel('blobs', 'bytes');
const Readings = channel(
  'readings',
  z.object({ at: z.iso.datetime().transform((text) => new Date(text)), note: z.string().default('') }),
);
const Prices = channel('prices', v.object({ cents: v.number() }));

same<typeof Orders, ChannelToken<Order>>(true);
same<typeof Lines, ChannelToken<string>>(true);
same<typeof Blobs, ChannelToken<Uint8Array>>(true);
same<typeof Readings, ChannelToken<{ at: Date; note: string }>>(true);
same<typeof Prices, ChannelToken<{ cents: number }>>(true);

// @ts-expect-error neither a class, nor text, nor bytes, nor a schema
channel('json', 'json');
// @ts-expect-error an instance is not a class
channel('orders', new Order());
// @ts-expect-error a schema is nothing but validation
channel('prices', z.string(), { validate: false });

channel('orders', Order, { key: (order) => order.id, validate: false });
channel('lines', 'text', { key: (line) => line.slice(0, 3) });
channel('readings', z.object({ sensor: z.string() }), { key: (reading) => reading.sensor });
// @ts-expect-error no such member
channel('orders', Order, { key: (order) => order.customer });
// @ts-expect-error a number has no slice
channel('counts', z.number(), { key: (count) => count.slice(0, 3) });

Channel('orders', { version: 2, upcast: { 1: (v1: OrderV1) => ({ id: v1.drink }) } })(Order);
Channel('orders', { version: 2, upcast: { 1: (v1) => ({ ...v1, id: '1' }) } })(Order);
// @ts-expect-error an upcaster returns the next version
Channel('orders', { version: 2, upcast: { 1: (_v1: OrderV1) => undefined } })(Order);

class Consumers {
  @Sink(Lines) line(_line: string): void {}
  @Sink(Blobs) blob(_blob: Uint8Array, _message: Message<Uint8Array>): void {}
  @Sink(Readings) reading(reading: { at: Date }): number {
    return reading.at.getTime();
  }
  @Sink(Prices, { receive: 'message' }) price(_message: Message<{ cents: number }>): void {}

  // @ts-expect-error lines are text
  @Sink(Lines) lineAsNumber(_line: number): void {}
  // @ts-expect-error bytes arrive as a Uint8Array, not as a Buffer
  @Sink(Blobs) blobAsBuffer(_blob: Buffer): void {}
  // @ts-expect-error what the schema takes is not what it gives
  @Sink(Readings) readingAsText(_reading: { at: string }): void {}

  @Sink(Orders) @Source(Lines) toLine(order: Order): string {
    return order.id;
  }
}

class Senders {
  constructor(
    @Source(Lines) readonly lines: Source<string>,
    @Source(Prices) readonly prices: Source<{ cents: number }>,
    // @ts-expect-error lines are text
    @Source(Lines) readonly wrong: Source<number>,
  ) {}

  async send(): Promise<void> {
    await this.lines.send('text');
    await this.lines.send(new Message('text'));
    await this.prices.send({ cents: 1 });
    // @ts-expect-error lines are text
    await this.lines.send(7);
    // @ts-expect-error no such member
    await this.prices.send({ euros: 1 });
  }
}

export { Consumers, Senders };
