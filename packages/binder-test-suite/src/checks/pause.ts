import assert from 'node:assert/strict';
import type { Check } from '../check';
import { consumerOf, sendAll, sendInTurn } from '../check-context';
import { Gate } from '../gate';
import { numbersOf, Order, order, orders, upTo } from '../messages';

export const pause: readonly Check[] = [
  {
    id: 'H12',
    title: 'a binding that starts paused, is resumed, paused and resumed: nothing while paused, all afterwards',
    run: async (test) => {
      const group = test.unique('baristas');
      const app = await test.start({ bindings: { orders: { groups: { [group]: { startPaused: true } } } } });
      const seen = await test.record(app, group);
      const other = await test.record(app, test.unique('audit'));
      const binding = consumerOf(app, group);
      assert.equal(binding.state, 'paused');
      await sendInTurn(app.source(Order), orders(10));
      await other.until(10);
      await test.remains(() => assert.equal(seen.calls.length, 0));
      await binding.resume();
      assert.equal(binding.state, 'running');
      await seen.until(10);
      await binding.pause();
      await app.send(Order, order(11));
      await other.until(11);
      await test.remains(() => assert.equal(seen.calls.length, 10));
      assert.equal(app.health().status, 'up', 'paused is not down');
      await binding.resume();
      await seen.until(11);
      assert.deepEqual(numbersOf(seen.handled), upTo(11));
    },
  },
  {
    id: 'H13',
    title: 'a paused member stays paused while others join and leave, and loses nothing',
    needs: ['groups'],
    run: async (test) => {
      const group = test.unique('baristas');
      const app = await test.start();
      const seen = await test.record(app, group);
      await app.send(Order, order(1));
      await seen.until(1);
      await consumerOf(app, group).pause();
      const guest = await test.start();
      await test.record(guest, group);
      await guest.stop();
      await sendAll(
        app.source(Order),
        upTo(10).map((number) => order(1 + number, { customer: `customer ${number}` })),
      );
      await test.remains(() => assert.equal(seen.calls.length, 1));
      await consumerOf(app, group).resume();
      await seen.until(11);
      assert.deepEqual(numbersOf(seen.handled), upTo(11));
    },
  },
  {
    id: 'H14',
    title: 'a member that unsubscribes gives back what it has in hand: another of its group gets it, in the old order',
    needs: ['groups'],
    run: async (test) => {
      const group = test.unique('baristas');
      const app = await test.start();
      const stuck = test.recorder(() => new Gate().passed());
      const handle = await app.sink(Order, { group }, stuck.handle);
      await sendInTurn(
        app.source(Order),
        orders(20, () => ({ customer: 'one' })),
      );
      await stuck.untilCalled(1);
      const seen = await test.record(await test.start(), group);
      await handle.stop({ deadlineMs: 0 });
      await seen.until(20);
      assert.deepEqual(
        seen.handled.map((each) => each.number),
        upTo(20),
      );
    },
  },
  {
    id: 'H15',
    title: 'a binding is stopped and started again with messages in hand: none is lost',
    run: async (test) => {
      const group = test.unique('baristas');
      const app = await test.start();
      const seen = await test.record(app, group, () => new Promise((resolve) => setTimeout(resolve, 1)));
      const sending = sendInTurn(app.source(Order), orders(200));
      for (const round of upTo(test.times(5, 2))) {
        await seen.until(round * 10);
        await consumerOf(app, group).stop();
        await consumerOf(app, group).start();
      }
      await sending;
      await test.eventually(() => assert.deepEqual([...new Set(numbersOf(seen.handled))], upTo(200)));
    },
  },
];
