import assert from 'node:assert/strict';
import { deadLetterHeaderNames as names } from '@millrace/core/spi';
import type { Check } from '../check';
import { consumerOf, sendInTurn } from '../check-context';
import { Order, order, orders } from '../messages';

export const deadLetterPlaces: readonly Check[] = [
  {
    id: 'E6',
    title: 'the dead-letter place of a new group is there from the start',
    needs: ['deadLetters'],
    run: async (test) => {
      const app = await test.start({ bindings: { orders: { consumer: { retry: { maxAttempts: 1 } } } } });
      const group = test.unique('never-seen');
      await test.record(app, group, () => Promise.reject(new Error('out of beans')));
      assert.deepEqual(await test.deadLetters(group), []);
      await app.send(Order, order(1));
      await test.untilDeadLetters(group, 1);
      assert.equal(consumerOf(app, group).trouble, undefined);
    },
  },
  {
    id: 'E9',
    title: 'only some errors go to the dead letter; what failed with others is dropped, and told',
    needs: ['deadLetters'],
    run: async (test) => {
      const app = await test.start({
        bindings: { orders: { consumer: { retry: { maxAttempts: 1 }, deadLetter: { only: ['TypeError'] } } } },
      });
      const group = test.unique('baristas');
      const dropped: unknown[] = [];
      app.events.on('discard', ({ error }) => dropped.push(error));
      const unimportant = new RangeError('unimportant');
      await test.record(app, group, ({ number }) => Promise.reject(number === 2 ? new TypeError('kept') : unimportant));
      await sendInTurn(
        app.source(Order),
        orders(3, () => ({ customer: 'one' })),
      );
      await test.eventually(() => assert.deepEqual(dropped, [unimportant, unimportant]));
      const letters = await test.untilDeadLetters(group, 1);
      assert.deepEqual(
        letters.map(({ headers }) => headers[names.errorMessage]),
        ['kept'],
      );
    },
  },
  {
    id: 'E10',
    title: 'invalid messages and failed ones go to different places',
    needs: ['deadLetters'],
    run: async (test) => {
      const places = { destination: test.unique('failed'), invalidDestination: test.unique('invalid') };
      await Promise.all([test.watch('failed'), test.watch('invalid')]);
      const app = await test.start({
        bindings: { orders: { consumer: { retry: { maxAttempts: 1 }, deadLetter: places } } },
      });
      await test.record(app, test.unique('baristas'), () => Promise.reject(new Error('out of beans')));
      await app.send(Order, order(1));
      await test.world.publishRaw(test.unique('orders'), { payload: Buffer.from('noise') });
      for (const [kind, stem] of [['failed', 'failed'] as const, ['invalid', 'invalid'] as const]) {
        await test.eventually(async () =>
          assert.deepEqual(
            (await test.records(stem)).map(({ headers }) => headers[names.kind]),
            [kind],
          ),
        );
      }
    },
  },
  {
    id: 'E13',
    title: 'dead letters go to the destination that the configuration names',
    needs: ['deadLetters'],
    run: async (test) => {
      const deadLetter = { destination: test.unique('graveyard') };
      await test.watch('graveyard');
      const app = await test.start({ bindings: { orders: { consumer: { retry: { maxAttempts: 1 }, deadLetter } } } });
      const group = test.unique('baristas');
      await test.record(app, group, () => Promise.reject(new Error('out of beans')));
      await app.send(Order, order(1, { customer: 'one' }));
      await test.eventually(async () => assert.equal((await test.records('graveyard')).length, 1));
      const [letter] = await test.records('graveyard');
      assert.equal(letter?.headers[names.originalDestination], test.unique('orders'));
      assert.equal(letter?.headers[names.group], group);
    },
  },
  { id: 'E17', title: 'a message that no group would get fails its sender' },
];
