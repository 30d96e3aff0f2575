import assert from 'node:assert/strict';
import { Message, Sink } from '@millrace/core';
import { injectable } from 'inversify';
import type { Check } from '../check';
import { sendAll } from '../check-context';
import { OrderDesk } from '../components';
import { numbersOf, Order, order, orders, upTo } from '../messages';

export const groups: readonly Check[] = [
  {
    id: 'A7',
    title: 'two groups: each gets every message',
    needs: ['groups'],
    run: async (test) => {
      const app = await test.start();
      const baristas = await test.record(app, test.unique('baristas'));
      const audit = await test.record(app, test.unique('audit'));
      await sendAll(app.source(Order), orders(100));
      for (const seen of [baristas, audit]) {
        await seen.until(100);
        assert.deepEqual(numbersOf(seen.handled), upTo(100));
      }
    },
  },
  {
    id: 'A8',
    title: 'three members of one group: each message goes to exactly one, and no member goes without',
    needs: ['groups'],
    run: async (test) => {
      const partitions = test.capabilities.partitions ? { producer: { partitionCount: 6 } } : {};
      const seen = test.recorder();
      const byMember = new Map<object, number>();
      @injectable()
      class Barista {
        @Sink(Order)
        async brew(taken: Order, message: Message<Order>, signal: AbortSignal): Promise<void> {
          byMember.set(this, (byMember.get(this) ?? 0) + 1);
          await seen.handle(taken, message, signal);
        }
      }
      const members = await Promise.all(
        upTo(3).map(() => test.start({ components: [OrderDesk, Barista], bindings: { orders: partitions } })),
      );
      const sent = orders(300, (number) => ({ customer: `customer ${number}` }));
      await Promise.all(
        members.map((member, index) =>
          sendAll(
            member.get(OrderDesk).orders,
            sent.filter((each) => each.number % 3 === index),
          ),
        ),
      );
      await seen.until(300);
      assert.deepEqual(numbersOf(seen.handled), upTo(300));
      assert.equal(byMember.size, 3, 'members that got messages');
    },
  },
  {
    id: 'A9',
    title: 'broadcast: every instance gets every message',
    run: async (test) => {
      const instances = await Promise.all(upTo(3).map(() => test.start()));
      const seen = instances.map(() => test.recorder());
      await Promise.all(
        instances.map((app, index) => app.sink(Order, { broadcast: true }, seen[index]?.handle ?? (() => undefined))),
      );
      await sendAll(instances[0]?.source(Order) ?? assert.fail(), orders(50));
      for (const each of seen) {
        await each.until(50);
        assert.deepEqual(numbersOf(each.handled), upTo(50));
      }
    },
  },
  {
    id: 'A10',
    title: 'a new group sees old messages where the binder says so, and only new ones where it does not',
    needs: ['groups'],
    run: async (test) => {
      const app = await test.start();
      const first = await test.record(app, test.unique('first'));
      await sendAll(app.source(Order), orders(10));
      await first.until(10);
      const second = await test.record(app, test.unique('second'));
      await app.send(Order, order(11));
      const expected = test.capabilities.history ? upTo(11) : [11];
      await second.until(expected.length);
      await test.remains(() => assert.deepEqual(numbersOf(second.handled), expected));
    },
  },
  {
    id: 'A19',
    title: 'a consumer is added and removed while the application runs',
    needs: ['groups'],
    run: async (test) => {
      const app = await test.start();
      const steady = await test.record(app, test.unique('steady'));
      const ofOne = { customer: 'one' };
      await app.send(Order, order(1, ofOne));
      const guest = test.recorder();
      const handle = await app.sink(Order, { group: test.unique('guest') }, guest.handle);
      await app.send(Order, order(2, ofOne));
      await test.eventually(() => assert.ok(numbersOf(guest.handled).includes(2)));
      await handle.stop();
      await app.send(Order, order(3, ofOne));
      await steady.until(3);
      assert.ok(!numbersOf(guest.handled).includes(3));
      const again = await test.record(app, test.unique('guest'));
      await again.until(1);
      assert.deepEqual(numbersOf(again.handled), [3]);
    },
  },
];
