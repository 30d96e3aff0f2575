// The code of docs/codecs.md: each region below is a snippet there.
import { Channel, type Codec, channel, fromPlain, headerNames, Message, Sink, Source, toPlain } from '@millrace/core';
import { Exclude, Expose, Type } from 'class-transformer';
import { IsDate, IsInt, IsString, Min, ValidateNested } from 'class-validator';
import { injectable } from 'inversify';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { eventually } from './eventually';
import { useWorld } from './world';

// #region class
export class Item {
  @IsString() name!: string;
  @IsInt() @Min(0) cents!: number;
}

@Channel('orders')
export class Order {
  @IsString() id!: string;
  @IsInt() @Min(1) quantity = 1; // missing in the JSON: 1
  @Type(() => Date) @IsDate() placedAt!: Date; // an ISO text on the wire
  @ValidateNested({ each: true }) @Type(() => Item) items: Item[] = [];
}
// #endregion

// #region exposed
@Exclude()
@Channel('accounts')
export class Account {
  @Expose() id!: string;
  @Expose({ name: 'e_mail' }) email!: string;
}
// #endregion

// #region text-and-bytes
export const Lines = channel('lines', 'text');
export const Images = channel('images', 'bytes', { contentType: 'image/png' });

@injectable()
export class Scanner {
  constructor(@Source(Images) private readonly images: Source<Uint8Array>) {}

  @Sink(Lines)
  async scan(line: string): Promise<void> {
    await this.images.send(Buffer.from(line, 'hex'));
  }
}
// #endregion

// #region schema
export const Readings = channel(
  'readings',
  z.object({
    sensor: z.string(),
    celsius: z.number().min(-90),
    at: z.iso.datetime().transform((text) => new Date(text)),
  }),
  { key: (reading) => reading.sensor },
);

@injectable()
export class Thermometer {
  readonly warm: Date[] = [];

  @Sink(Readings)
  read(reading: { celsius: number; at: Date }): void {
    if (reading.celsius > 20) this.warm.push(reading.at);
  }
}
// #endregion

// #region versions
interface TicketV1 {
  name: string;
}

interface TicketV2 {
  first: string;
  last: string;
}

@Channel('tickets', {
  version: 3,
  upcast: {
    1: ({ name }: TicketV1): TicketV2 => ({ first: name.split(' ')[0] ?? '', last: name.split(' ')[1] ?? '' }),
    2: (v2: TicketV2) => ({ ...v2, seat: 'any' }),
  },
})
export class Ticket {
  @IsString() first!: string;
  @IsString() last!: string;
  @IsString() seat!: string;
}
// #endregion

// #region own-codec
export const yaml: Codec = {
  contentTypes: ['application/yaml'],
  encode: async (payload, channel) => Buffer.from(stringify(await toPlain(payload, channel))),
  decode: (bytes, channel, headers) => fromPlain(parse(Buffer.from(bytes).toString()), channel, headers),
};
// #endregion

// #region whole-codec
export class Measurement {
  readonly values: readonly number[];
  constructor(...values: number[]) {
    this.values = values;
  }
}

export const Measurements = channel('measurements', Measurement, { contentType: 'text/csv' });

export const csv: Codec = {
  contentTypes: ['text/csv'],
  encode(payload): Uint8Array {
    return Buffer.from((payload as Measurement).values.join(','));
  },
  decode(bytes): Measurement {
    const values = Buffer.from(bytes).toString().split(',').map(Number);
    if (values.some(Number.isNaN)) throw new Error('a field is no number');
    return new Measurement(...values);
  },
};
// #endregion

const world = useWorld({ partitions: 1 });

test('classes: defaults, dates, nested classes', async () => {
  const seen: Order[] = [];
  const app = await world().sink(Order, {}, (order) => void seen.push(order));
  const sent = Object.assign(new Order(), {
    id: '1',
    placedAt: new Date(),
    items: [Object.assign(new Item(), { name: 'mocha', cents: 350 })],
  });
  await app.send(Order, sent);
  await world().publish('orders', JSON.stringify({ id: '2', placedAt: '2026-01-02T03:04:05.678Z', colour: 'brown' }));
  await eventually(() => expect(seen).toHaveLength(2));
  expect(seen[0]).toEqual(sent);
  expect(seen[1]).toMatchObject({
    id: '2',
    quantity: 1,
    items: [],
    placedAt: new Date('2026-01-02T03:04:05.678Z'),
    colour: 'brown',
  });
});

test('classes: what is not exposed is dropped', async () => {
  const seen: Account[] = [];
  await world().sink(Account, {}, (account) => void seen.push(account));
  await world().publish('accounts', '{"id":"1","e_mail":"a@example.org","colour":"brown"}');
  await eventually(() => expect(seen).toEqual([Object.assign(new Account(), { id: '1', email: 'a@example.org' })]));
});

test('what no plan covers is said', async () => {
  const app = await world().create();
  await app.sink(Order, {}, () => undefined);
  await app.sink(Account, {}, () => undefined);
  const lines: unknown[][] = [];
  const log = (...line: unknown[]): void => void lines.push(line);
  // #region coding
  for (const { name, classes } of app.bindings())
    for (const { payload, by, reason } of classes) log(name, payload, by, reason);
  // orders/shop Order compiled plan
  // accounts/shop Account libraries @Expose of id
  // #endregion
  expect(lines).toEqual([
    ['orders/shop', 'Order', 'compiled plan', undefined],
    ['accounts/shop', 'Account', 'libraries', '@Expose of id'],
  ]);
});

test('text and bytes', async () => {
  const seen: Message<Uint8Array>[] = [];
  const app = await world().create({ components: [Scanner] });
  await app.sink(Images, {}, (_image, message) => void seen.push(message));
  await app.start();
  await app.send(Lines, '0001ff');
  await eventually(() => expect(seen).toHaveLength(1));
  expect(seen[0]?.payload).toEqual(Uint8Array.from([0, 1, 255]));
  expect(seen[0]?.contentType).toBe('image/png');
});

test('schemas', async () => {
  const app = await world().start({ components: [Thermometer] });
  const at = new Date('2026-01-02T03:04:05.678Z');
  await app.send(Readings, { sensor: 'roof', celsius: 21, at });
  await eventually(() => expect(app.get(Thermometer).warm).toEqual([at]));
  await expect(app.send(Readings, { sensor: 'roof', celsius: -300, at })).rejects.toMatchObject({
    code: 'PAYLOAD_INVALID',
  });
  await world().publish('readings', '{"sensor":"roof","celsius":"warm"}');
  await eventually(() => {
    const [letter] = world().broker.deadLetters('readings', 'shop');
    expect(letter?.headers['x-exception-message']).toMatch(/by its zod schema: celsius: .+; at: /);
  });
});

test('versions', async () => {
  const seen: Message<Ticket>[] = [];
  const app = await world().sink(Ticket, {}, (_ticket, message) => void seen.push(message));
  await app.send(Ticket, Object.assign(new Ticket(), { first: 'Ada', last: 'Lovelace', seat: '1A' }));
  await world().publish('tickets', '{"name":"Alan Turing"}', { headers: { [headerNames.version]: 1 } });
  await world().publish('tickets', '{}', { headers: { [headerNames.version]: 4 } });
  await eventually(() => expect(seen).toHaveLength(2));
  expect(seen.map(({ payload, headers }) => [payload.last, payload.seat, headers[headerNames.version]])).toEqual([
    ['Lovelace', '1A', 3],
    ['Turing', 'any', 1],
  ]);
  await eventually(() =>
    expect(world().broker.deadLetters('tickets', 'shop')[0]?.headers['x-exception-message']).toContain(
      'is from the future',
    ),
  );
});

test('codecs of your own, by content type', async () => {
  const seen: Order[] = [];
  const raw: string[] = [];
  // #region use-codec
  const options = {
    codecs: [yaml, csv],
    config: { app: 'shop', bindings: { orders: { contentType: 'application/yaml' } } },
  };
  // #endregion
  const app = await world().create(options);
  await app.sink(Order, {}, (order) => void seen.push(order));
  await app.sink(channel('orders', 'bytes'), { group: 'raw' }, (bytes) => void raw.push(Buffer.from(bytes).toString()));
  await app.start();
  await app.send(Order, Object.assign(new Order(), { id: '1', placedAt: new Date(0) }));
  await eventually(() => expect([seen.length, raw.length]).toEqual([1, 1]));
  expect(seen[0]).toBeInstanceOf(Order);
  expect(raw[0]).toMatch(/^id: "1"$/m);
});

test('a codec of your own for a class that is no plain object', async () => {
  const seen: Measurement[] = [];
  const app = await world().sink(Measurements, {}, (measurement) => void seen.push(measurement), { codecs: [csv] });
  await app.send(Measurements, new Measurement(1, 2.5));
  await eventually(() => expect(seen).toEqual([new Measurement(1, 2.5)]));
  await world().publish('measurements', '1,x', { headers: { contentType: 'text/csv' } });
  await eventually(() =>
    expect(world().broker.deadLetters('measurements', 'shop')[0]?.headers['x-exception-message']).toContain(
      'a field is no number',
    ),
  );
});

test('the content type of the message is stronger than that of the binding', async () => {
  const seen: Message<Order>[] = [];
  const app = await world().sink(Order, {}, (_order, message) => void seen.push(message), { codecs: [yaml] });
  const order = Object.assign(new Order(), { id: '1', placedAt: new Date(0) });
  // #region message-content-type
  await app.send(Order, new Message(order, { contentType: 'application/yaml' }));
  // #endregion
  await app.send(Order, order);
  await eventually(() =>
    expect(seen.map(({ contentType }) => contentType)).toEqual(['application/yaml', 'application/json']),
  );
  expect(seen[0]?.payload).toEqual(seen[1]?.payload);
  await expect(app.send(Order, new Message(order, { contentType: 'image/png' }))).rejects.toMatchObject({
    code: 'CONTENT_TYPE_UNKNOWN',
  });
});

test('faults of payloads are told at start, together', async () => {
  @Channel('gaps', { version: 3, upcast: { 1: (older) => older } })
  class Gap {}

  @injectable()
  class Reader {
    @Sink(Gap) gap(_gap: Gap): void {}
    @Sink(channel('words', String)) words(): void {}
  }
  const failure = world().create({
    components: [Reader],
    config: { app: 'shop', bindings: { gaps: { contentType: 'text/csv' } } },
  });
  await expect(failure).rejects.toThrow(
    /upcaster from version 2 to 3 is missing.*no codec for content type 'text\/csv'.*built-in String/s,
  );
});
