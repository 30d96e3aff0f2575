import { Channel, channel, Sink, Source } from '@millrace/core';
import { IsInt } from 'class-validator';
import { injectable } from 'inversify';
import { useWorld } from './world';

@Channel('orders')
class Order {
  @IsInt() ticket!: number;
}
const Lines = channel('lines', 'text');

@injectable()
class Clerk {
  calls = 0;
  @Sink(Order, { group: 'clerks', retry: { maxAttempts: 4 } })
  @Source(Lines)
  take(_order: Order): string {
    this.calls += 1;
    throw new Error('closed');
  }
}

const world = useWorld();
const bytes = (text: string): Uint8Array => Buffer.from(text);
const record = { destination: 'orders', headers: {}, deliveries: 1 };

test('an application tells the channels its components name', async () => {
  const app = await world().create({ components: [Clerk] });
  expect(
    app
      .channels()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['lines', 'orders']);
});

test('an application reads a record as a sink would, with the content type of its binding', async () => {
  const config = { bindings: { orders: { contentType: 'application/vnd.shop+json' } } };
  const app = await world().create({ components: [Clerk], config });
  const message = await app.decode(Order, { ...record, payload: bytes('{"ticket":7}'), key: 'k' });
  expect(message.payload).toBeInstanceOf(Order);
  expect([message.payload.ticket, message.key]).toEqual([7, 'k']);
  await expect(app.decode(Order, { ...record, payload: bytes('{}') })).rejects.toMatchObject({
    code: 'PAYLOAD_INVALID',
  });
  await expect(app.decode(Order, { ...record, payload: null })).rejects.toMatchObject({ code: 'PAYLOAD_UNDECODABLE' });
  await expect(app.decode(Clerk, { ...record, payload: null })).rejects.toMatchObject({ code: 'CHANNEL_UNKNOWN' });
});

test('overrides are stronger than decorator, configuration and group, key by key', async () => {
  const slow = { retry: { backOff: { initial: '1h' as const } } };
  const app = await world().start({
    components: [Clerk],
    config: { bindings: { orders: { consumer: slow, groups: { clerks: slow } } } },
    overrides: { consumer: { retry: { backOff: { initial: 0, max: 0 } } } },
  });
  const kept = new Promise((resolve) => app.events.on('deadLetter', resolve));
  await app.send(Order, Object.assign(new Order(), { ticket: 1 }));
  expect(await kept).toMatchObject({ attempts: 4 });
  expect(app.get(Clerk).calls).toBe(4);
});
