import assert from 'node:assert/strict';
import { channel, Millrace, MillraceError, Sink } from '@millrace/core';
import { deadLetterHeaderNames as names } from '@millrace/core/spi';
import { IsInt, IsString } from 'class-validator';
import { injectable } from 'inversify';
import type { Check } from '../check';

class First {
  @IsInt() cents!: number;
}
class Second {
  @IsInt() cents!: number;
  @IsString() currency!: string;
}
class Third {
  @IsInt() amount!: number;
  @IsString() currency!: string;
}

const lift1 = (v1: First): object => ({ ...v1, currency: 'EUR' });
const lift2 = ({ cents, currency }: Second): object => ({ amount: cents, currency });
const PricesOld = channel('prices.old', First, { version: 1 });
const PricesNew = channel('prices.new', Second, { version: 2, upcast: { 1: lift1 }, missingVersion: 1 });
const PricesLater = channel('prices.later', Third, { version: 3, upcast: { 1: lift1, 2: lift2 } });

@injectable()
class Gap {
  @Sink(channel('prices.gap', Third, { version: 3, upcast: { 1: lift1 } }))
  take(_: Third): void {}
}

/** All three channels on one destination: applications of different ages. */
const bindings = (destination: string) =>
  Object.fromEntries(
    ['old', 'new', 'later'].map((age) => [`prices.${age}`, { destination, consumer: { retry: { maxAttempts: 1 } } }]),
  );

export const versions: readonly Check[] = [
  {
    id: 'B25',
    title: 'a new consumer reads old messages, with and without a version; an old one refuses new messages',
    needs: ['deadLetters'],
    run: async (test) => {
      const place = test.unique('prices');
      const app = await test.start({ bindings: bindings(place) });
      const reader = test.recorder<Second>();
      const old = test.recorder<First>();
      await app.sink(PricesNew, { group: test.unique('new') }, reader.handle);
      await app.sink(PricesOld, { group: test.unique('old') }, old.handle);
      await app.send(PricesOld, Object.assign(new First(), { cents: 1 }), { key: 'one' });
      await test.world.publishRaw(place, { payload: Buffer.from('{"cents":2}'), key: 'one' });
      await app.send(PricesNew, Object.assign(new Second(), { cents: 3, currency: 'CHF' }), { key: 'one' });
      await reader.until(3);
      assert.ok(reader.handled.every((each) => each instanceof Second));
      assert.deepEqual(
        reader.handled.map(({ cents, currency }) => [cents, currency]),
        [
          [1, 'EUR'],
          [2, 'EUR'],
          [3, 'CHF'],
        ],
      );
      const letters = await test.untilDeadLetters(test.unique('old'), 1, 'prices');
      assert.deepEqual(
        letters.map(({ headers }) => headers[names.kind]),
        ['invalid'],
      );
      assert.deepEqual(
        old.handled.map(({ cents }) => cents),
        [1, 2],
      );
    },
  },
  {
    id: 'B26',
    title: 'a chain of versions is climbed step by step; a missing step is named at the start',
    run: async (test) => {
      const app = await test.start({ bindings: bindings(test.unique('prices')) });
      const seen = test.recorder<Third>();
      await app.sink(PricesLater, { group: test.unique('later') }, seen.handle);
      await app.send(PricesOld, Object.assign(new First(), { cents: 1 }), { key: 'one' });
      await app.send(PricesNew, Object.assign(new Second(), { cents: 2, currency: 'CHF' }), { key: 'one' });
      await seen.until(2);
      assert.deepEqual(
        seen.handled.map(({ amount, currency }) => [amount, currency]),
        [
          [1, 'EUR'],
          [2, 'CHF'],
        ],
      );
      const config = test.config();
      const starting = Millrace.create({ config, components: [Gap], binders: [test.world.module], logger: false });
      await assert.rejects(
        starting,
        (error) => MillraceError.is(error, 'WIRING_INVALID') && /upcast|version 2/.test(error.message),
      );
    },
  },
];
