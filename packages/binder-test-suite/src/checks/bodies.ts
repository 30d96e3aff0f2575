import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Channel, channel, MillraceError } from '@millrace/core';
import { type InboundRecord, type OutboundRecord, settlements } from '@millrace/core/spi';
import { Type } from 'class-transformer';
import { IsArray, IsDate, IsInt, IsNumber, IsOptional, IsString, ValidateNested } from 'class-validator';
import type { Check } from '../check';
import type { CheckContext } from '../check-context';
import { Order } from '../messages';

const Letters = channel('letters', 'text');
const Pictures = channel('pictures', 'bytes');

class Line {
  @IsString() drink!: string;
  @IsNumber() price!: number;
}
/** A body with members of every kind that JSON has, and a nested class. */
@Channel('bills')
class Bill {
  @IsInt() number!: number;
  @ValidateNested({ each: true }) @Type(() => Line) @IsArray() lines!: Line[];
  @Type(() => Date) @IsDate() paidAt!: Date;
  @IsOptional() @IsString() note?: string | undefined;
  extras!: { readonly tags: readonly string[]; readonly tip: number | null; readonly isTakeAway: boolean };
}

export const bodies: readonly Check[] = [
  {
    id: 'B1',
    title: 'an empty body arrives empty; no body at all arrives as a tombstone, where the binder claims it',
    run: async (test) => {
      const empty = { payload: new Uint8Array(), headers: { kind: 'empty' }, key: 'one' };
      const tombstone = { payload: null, headers: { kind: 'tombstone' }, key: 'one' };
      const sent = test.capabilities.tombstones ? [empty, tombstone] : [empty];
      const facts = ({ payload, headers, key }: InboundRecord | OutboundRecord) => [
        payload?.byteLength,
        headers.kind,
        key,
      ];
      assert.deepEqual((await carried(test, sent)).map(facts), sent.map(facts));
    },
  },
  {
    id: 'B2',
    title: 'a large body arrives whole; one above the limit of the broker is refused with a clear error',
    run: async (test) => {
      const app = await test.start({ bindings: { pictures: {} } });
      const seen = test.recorder<Uint8Array>();
      await app.sink(Pictures, { group: test.unique('gallery') }, seen.handle);
      const limit = test.subject.recordLimitBytes ?? 900_000;
      const large = randomBytes(limit);
      await app.send(Pictures, large);
      await seen.until(1);
      assert.ok(large.equals(seen.handled[0] ?? Buffer.alloc(0)));
      if (test.subject.recordLimitBytes === undefined) return;
      await assert.rejects(
        app.send(Pictures, randomBytes(limit + 1)),
        (error) => MillraceError.is(error) && /large/i.test(error.message),
      );
      assert.equal((await test.records('pictures')).length, 1);
    },
  },
  {
    id: 'B3',
    title: 'text, bytes, numbers, lists, nested objects, dates and absent members arrive as they were',
    run: async (test) => {
      const app = await test.start({ bindings: { letters: {}, pictures: {}, bills: {} } });
      const group = test.unique('readers');
      const texts = test.recorder<string>();
      const pictures = test.recorder<Uint8Array>();
      const bills = test.recorder<Bill>();
      await app.sink(Letters, { group }, texts.handle);
      await app.sink(Pictures, { group }, pictures.handle);
      await app.sink(Bill, { group }, bills.handle);
      const text = 'gr\u00fc\u00dfe \u2615 "quoted"\n\u0000\u2028';
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      await Promise.all([app.send(Letters, text), app.send(Pictures, bytes), app.send(Bill, bill())]);
      await Promise.all([texts.until(1), pictures.until(1), bills.until(1)]);
      assert.deepEqual(texts.handled, [text]);
      assert.deepEqual([...(pictures.handled[0] ?? [])], [...bytes]);
      assert.deepEqual(bills.handled, [bill()]);
    },
  },
  {
    id: 'B22',
    title: 'an instance goes in and comes out: class, nested classes, dates; a member nobody knows does not hurt',
    run: async (test) => {
      const app = await test.start({ bindings: { bills: {} } });
      const seen = test.recorder<Bill>();
      await app.sink(Bill, { group: test.unique('books') }, seen.handle);
      await app.send(Bill, bill());
      const foreign = { ...bill(), number: 2, stranger: { isHere: true } };
      await test.world.publishRaw(test.unique('bills'), { payload: Buffer.from(JSON.stringify(foreign)) });
      for (const found of await seen.until(2)) {
        assert.ok(found instanceof Bill && found.paidAt instanceof Date);
        assert.ok(found.lines.length === 2 && found.lines.every((line) => line instanceof Line));
      }
    },
  },
  {
    id: 'B23',
    title: 'names like __proto__ and constructor in a body change nothing but, at most, their own message',
    run: async (test) => {
      const app = await test.start();
      const seen = await test.record(app, test.unique('baristas'));
      const body = (number: number, extra: string) =>
        `{"number":${number},"drink":"mocha","placedAt":"2024-02-29T12:00:00Z",${extra}}`;
      const extras = [
        '"__proto__":{"polluted":true}',
        '"constructor":{"prototype":{"polluted":true}}',
        '"harmless":true',
      ];
      for (const [index, extra] of extras.entries()) {
        await test.world.publishRaw(test.unique('orders'), {
          payload: Buffer.from(body(index + 1, extra)),
          key: 'one',
        });
      }
      await test.eventually(() => assert.ok(seen.handled.some((each) => each.number === 3)));
      assert.equal(({} as { polluted?: unknown }).polluted, undefined);
      for (const each of seen.handled) {
        assert.equal((each as { polluted?: unknown }).polluted, undefined);
        assert.equal(Object.getPrototypeOf(each), Order.prototype);
      }
    },
  },
];

function bill(): Bill {
  const line = (drink: string, price: number): Line => Object.assign(new Line(), { drink, price });
  return Object.assign(new Bill(), {
    number: 1,
    lines: [line('cortado', 2.75), line('größte Schokolade 🍫', -0.001)],
    paidAt: new Date('2024-02-29T23:59:59.999Z'),
    note: undefined,
    extras: { tags: [], tip: null, isTakeAway: false },
  });
}

/** Records through the bare binder: core itself sends no body but what its codecs write. */
async function carried(test: CheckContext, records: readonly OutboundRecord[]): Promise<readonly InboundRecord[]> {
  const destination = test.unique('orders');
  const received: InboundRecord[] = [];
  const binder = await test.binder();
  const shared = { native: {}, report: () => undefined };
  const sending = { binding: 'orders', destination, partitionCount: undefined, requiredGroups: [] };
  const producer = await binder.bindProducer({ ...shared, ...sending });
  const consumer = await binder.bindConsumer({
    ...shared,
    binding: 'orders/baristas',
    destinations: [destination],
    group: test.unique('baristas'),
    concurrency: 1,
    prefetch: 8,
    deadLetter: undefined,
    delays: [],
    instance: undefined,
    deliver: async (record) => {
      received.push(record);
      return settlements.ack;
    },
  });
  for (const record of records) await producer.send(record);
  await test.eventually(() => assert.equal(received.length, records.length));
  await Promise.all([consumer.close(), producer.close()]);
  return received;
}
