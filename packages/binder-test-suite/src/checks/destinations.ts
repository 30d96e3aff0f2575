import assert from 'node:assert/strict';
import { channel } from '@millrace/core';
import type { Check } from '../check';
import { sendAll } from '../check-context';
import { FirstOrders, numbersOf, Order, order, orders, SecondOrders, upTo } from '../messages';

export const destinations: readonly Check[] = [
  {
    id: 'A5',
    title: '20 destinations with the same messages at once: each gets its own set only',
    run: async (test) => {
      const app = await test.start();
      const shops = upTo(20).map((shop) => ({
        drink: `drink of shop ${shop}`,
        channel: channel(test.unique(`shop${shop}`), Order),
        seen: test.recorder(),
      }));
      await Promise.all(
        shops.map((shop) =>
          app.sink(shop.channel, { group: test.unique(shop.drink.replaceAll(' ', '-')) }, shop.seen.handle),
        ),
      );
      await Promise.all(
        shops.map(({ drink, channel: shop }) =>
          sendAll(
            app.source(shop),
            orders(100, () => ({ drink })),
          ),
        ),
      );
      for (const { drink, seen } of shops) {
        await seen.until(100);
        assert.deepEqual(numbersOf(seen.handled), upTo(100));
        assert.ok(seen.handled.every((each) => each.drink === drink));
      }
    },
  },
  {
    id: 'A6',
    title: 'two destinations are isolated, also within one group',
    run: async (test) => {
      const app = await test.start();
      const group = test.unique('baristas');
      const first = test.recorder();
      const second = test.recorder();
      await app.sink(FirstOrders, { group }, first.handle);
      await app.sink(SecondOrders, { group }, second.handle);
      await Promise.all([
        app.send(FirstOrders, order(1)),
        app.send(SecondOrders, order(2)),
        app.send(FirstOrders, order(3)),
      ]);
      await first.until(2);
      await second.until(1);
      assert.deepEqual(numbersOf(first.handled), [1, 3]);
      assert.deepEqual(numbersOf(second.handled), [2]);
      assert.equal((await test.records('orders.second')).length, 1);
    },
  },
  {
    id: 'A11',
    title: 'several destinations in one binding are read as one',
    run: async (test) => {
      const places = [test.unique('orders.first'), test.unique('orders.second')];
      const app = await test.start({ bindings: { orders: { destination: places } } });
      const seen = await test.record(app, test.unique('baristas'));
      await sendAll(app.source(FirstOrders), orders(20));
      await sendAll(
        app.source(SecondOrders),
        upTo(20).map((number) => order(20 + number)),
      );
      await seen.until(40);
      assert.deepEqual(numbersOf(seen.handled), upTo(40));
      for (const { payload, delivery } of seen.messages)
        assert.equal(delivery?.destination, places[payload.number > 20 ? 1 : 0]);
    },
  },
  {
    id: 'A12',
    title: 'destinations by pattern, also one that is created later',
    needs: ['patterns'],
    seconds: 60,
    run: async (test) => {
      const place = test.unique('shop');
      const app = await test.start({ bindings: { orders: { destination: `${place}.*` } } });
      await app.send(FirstOrders, order(1), { destination: `${place}.north` });
      const seen = await test.record(app, test.unique('baristas'));
      await app.send(FirstOrders, order(2), { destination: `${place}.north` });
      await test.eventually(() => assert.ok(numbersOf(seen.handled).includes(2)));
      await app.send(FirstOrders, order(3), { destination: `${place}.south` });
      await test.eventually(() => assert.ok(numbersOf(seen.handled).includes(3)));
      await app.send(FirstOrders, order(4), { destination: `other-${place}.south` });
      // Whoever looks for new destinations finds these two together.
      await app.send(FirstOrders, order(5), { destination: `${place}.west` });
      await test.eventually(() => assert.ok(numbersOf(seen.handled).includes(5)));
      await test.remains(() => assert.ok(!numbersOf(seen.handled).includes(4)));
    },
  },
];
