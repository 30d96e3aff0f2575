import assert from 'node:assert/strict';
import { BatchFailed } from '@millrace/core';
import { deadLetterHeaderNames as names } from '@millrace/core/spi';
import type { Check } from '../check';
import { sendInTurn } from '../check-context';
import { Gate } from '../gate';
import { numbersOf, Order, order, orders, upTo } from '../messages';

const ofOne = () => ({ customer: 'one' });
const numbers = (taken: readonly Order[]): number[] => taken.map((each) => each.number);

export const batch: readonly Check[] = [
  {
    id: 'O1',
    title: 'a batch is handed over when it is full or when its time is up, whichever is first',
    run: async (test) => {
      const app = await test.start();
      const batches: number[][] = [];
      const full = { group: test.unique('full'), batch: { size: 5, wait: '10m' } } as const;
      await app.sink(Order, full, (taken) => void batches.push(numbers(taken)));
      const late: { taken: number[]; waited: number }[] = [];
      const wait = test.ms(150);
      const timed = { group: test.unique('timed'), batch: { size: 100, wait } } as const;
      await app.sink(Order, timed, (taken) => {
        late.push({ taken: numbers(taken), waited: performance.now() - sentAt });
      });
      const sentAt = performance.now();
      await sendInTurn(app.source(Order), orders(7, ofOne));
      await test.eventually(() =>
        assert.deepEqual(
          late.flatMap(({ taken }) => taken),
          upTo(7),
        ),
      );
      assert.ok((late[0]?.waited ?? 0) >= wait - 2, `the first batch after ${late[0]?.waited} ms`);
      await test.eventually(() => assert.equal(batches.length, 1));
      await test.remains(() => assert.deepEqual(batches, [upTo(5)]));
    },
  },
  { id: 'O2', title: 'batches by key' },
  {
    id: 'O3',
    title: 'one bad item: only what the handler names is tried again and dead-lettered; unnamed, the item is found',
    needs: ['deadLetters'],
    run: async (test) => {
      const app = await test.start({ bindings: { orders: { consumer: { retry: { maxAttempts: 2 } } } } });
      const named = test.unique('named');
      const unnamed = test.unique('unnamed');
      const done: Record<string, number[]> = { [named]: [], [unnamed]: [] };
      const calls: Record<string, number[][]> = { [named]: [], [unnamed]: [] };
      const size = { batch: { size: 5, wait: '10m' } } as const;
      await app.sink(Order, { group: named, ...size }, (taken) => {
        calls[named]?.push(numbers(taken));
        done[named]?.push(...numbers(taken).filter((number) => number !== 3));
        const bad = taken.findIndex((each) => each.number === 3);
        if (bad >= 0) throw new BatchFailed(new Map([[bad, new Error('number three')]]));
      });
      await app.sink(Order, { group: unnamed, ...size }, (taken) => {
        calls[unnamed]?.push(numbers(taken));
        if (taken.some((each) => each.number === 3)) throw new Error('one of them');
        done[unnamed]?.push(...numbers(taken));
      });
      await sendInTurn(app.source(Order), orders(5, ofOne));
      for (const group of [named, unnamed]) {
        const letters = await test.untilDeadLetters(group, 1);
        await test.eventually(() => assert.deepEqual([...(done[group] ?? [])].sort(), [1, 2, 4, 5]));
        assert.deepEqual(
          letters.map(({ payload }) => JSON.parse(Buffer.from(payload ?? []).toString()).number),
          [3],
        );
        const ofTheBad = calls[group]?.filter((taken) => taken.includes(3));
        assert.equal(letters[0]?.headers[names.attempts], ofTheBad?.length, 'attempts');
      }
      assert.deepEqual(calls[named], [upTo(5), [3]]);
    },
  },
  {
    id: 'O4',
    title: 'an item that cannot be decoded does not sink its batch',
    needs: ['deadLetters'],
    run: async (test) => {
      const app = await test.start();
      const group = test.unique('baristas');
      const handled: Order[] = [];
      await app.sink(Order, { group, batch: { size: 5, wait: '100ms' } }, (taken) => void handled.push(...taken));
      await sendInTurn(app.source(Order), orders(2, ofOne));
      await test.world.publishRaw(test.unique('orders'), { payload: Buffer.from('noise'), key: 'one' });
      await app.send(Order, order(3, ofOne()));
      await test.eventually(() => assert.deepEqual(numbersOf(handled), [1, 2, 3]));
      const [letter] = await test.untilDeadLetters(group, 1);
      assert.equal(letter?.headers[names.kind], 'invalid');
    },
  },
  { id: 'O5', title: 'sending in bulk, with a result for each' },
  {
    id: 'O6',
    title: 'a handled batch is finished, an interrupted one comes again, whole',
    needs: ['groups'],
    run: async (test) => {
      const group = test.unique('baristas');
      const first = await test.start();
      const batches: number[][] = [];
      const options = { group, batch: { size: 5, wait: '50ms' } } as const;
      await first.sink(Order, options, async (taken) => {
        batches.push(numbers(taken));
        if (taken.some((each) => each.number > 5)) await new Gate().passed();
      });
      await sendInTurn(first.source(Order), orders(5, ofOne));
      await test.eventually(() => assert.equal(batches.flat().length, 5));
      await sendInTurn(
        first.source(Order),
        [6, 7, 8].map((number) => order(number, ofOne())),
      );
      await test.eventually(() => assert.ok(batches.flat().includes(6)));
      await first.stop({ deadlineMs: 10 });
      const seen = await test.record(await test.start(), group);
      await seen.until(3);
      await test.remains(() => assert.deepEqual(numbers(seen.handled), [6, 7, 8]));
    },
  },
  {
    id: 'O7',
    title: 'a stop does not wait for a batch to fill, and what was collected is not lost',
    needs: ['groups'],
    run: async (test) => {
      const group = test.unique('baristas');
      const first = await test.start({ drainTimeout: '1m' });
      const handled: Order[] = [];
      const options = { group, batch: { size: 100, wait: '10m' } } as const;
      await first.sink(Order, options, (taken) => void handled.push(...taken));
      await sendInTurn(first.source(Order), orders(5, ofOne));
      await test.remains(() => assert.equal(handled.length, 0));
      await test.within('stopping', first.stop(), 5_000);
      const seen = await test.record(await test.start(), group);
      await test.eventually(() => assert.deepEqual(numbersOf([...handled, ...seen.handled]), upTo(5)));
    },
  },
];
