import assert from 'node:assert/strict';
import { type Application, headerNames, MillraceError } from '@millrace/core';
import type { Check } from '../check';
import { type CheckContext, sendAll } from '../check-context';
import { OrderDesk } from '../components';
import { Faults } from '../faults';
import { numbersOf, Order, order, orders, upTo } from '../messages';
import type { Recorder } from '../recorder';

export const publishConsume: readonly Check[] = [
  {
    id: 'A1',
    title: 'sent first, subscribed later: all ids, payloads and headers are equal',
    needs: ['history'],
    run: async (test) => {
      const app = await test.start();
      const sent = orders(100);
      await sendWithLanes(app, sent);
      await assertWhole(test, sent, await test.record(app, test.unique('late')));
    },
  },
  {
    id: 'A2',
    title: 'subscribed first, sent later: all ids, payloads and headers are equal',
    run: async (test) => {
      const app = await test.start();
      const seen = await test.record(app, test.unique('early'));
      const sent = orders(100, (number) => ({ customer: `customer ${number % 7}` }));
      await sendWithLanes(app, sent);
      await assertWhole(test, sent, seen);
    },
  },
  {
    id: 'A3',
    title: 'sent before the first subscriber of a required group, by an application that is gone: all arrive',
    needs: ['groups'],
    run: async (test) => {
      const group = test.unique('baristas');
      const sender = await test.start({ bindings: { orders: { producer: { requiredGroups: [group] } } } });
      await sendAll(sender.source(Order), orders(100));
      await sender.stop();
      const seen = await test.record(await test.start(), group);
      await seen.until(100);
      assert.deepEqual(numbersOf(seen.handled), upTo(100));
    },
  },
  {
    id: 'A4',
    title: '5 000 messages of 50 senders to 50 handlers of 5 members: the set is complete, each once',
    needs: ['groups'],
    seconds: 60,
    run: completeUnderLoad,
  },
  {
    id: 'A20',
    title: 'a message sent before or during the start is refused or arrives, never dropped in silence',
    run: async (test) => {
      const app = await test.create();
      const group = test.unique('baristas');
      const seen = test.recorder();
      await app.sink(Order, { group }, seen.handle);
      const outcomes = orders(20).map((each) => app.send(Order, each));
      const starting = app.start();
      outcomes.push(...orders(20).map((each) => app.send(Order, each)));
      await starting;
      outcomes.push(app.send(Order, order(21)));
      const results = await Promise.allSettled(outcomes);
      for (const result of results)
        if (result.status === 'rejected') assert.ok(MillraceError.is(result.reason), String(result.reason));
      assert.equal(results.at(-1)?.status, 'fulfilled');
      await seen.until(results.filter((result) => result.status === 'fulfilled').length);
    },
  },
  {
    id: 'A22',
    title: 'an application that only sends makes no consumers',
    run: async (test) => {
      const faults = new Faults();
      const app = await test.start({ faults, components: [OrderDesk] });
      await app.get(OrderDesk).orders.send(order(1));
      assert.deepEqual(faults.traffic.consumers, []);
      assert.ok(app.bindings().every((binding) => binding.direction === 'producer'));
      assert.equal((await test.records()).length, 1);
    },
  },
];

async function sendWithLanes(app: Application, sent: readonly Order[]): Promise<void> {
  await Promise.all(sent.map((each) => app.send(Order, each, { headers: { lane: `lane ${each.number}` } })));
}

/** Each message arrived once, as an instance of its class, with its headers and the id it was sent with. */
async function assertWhole(test: CheckContext, sent: readonly Order[], seen: Recorder<Order>): Promise<void> {
  await seen.until(sent.length);
  const messages = [...seen.messages].sort((a, b) => a.payload.number - b.payload.number);
  assert.deepEqual(
    messages.map((message) => message.payload),
    sent,
  );
  for (const { payload, headers, key } of messages) {
    assert.ok(payload instanceof Order);
    assert.equal(headers.lane, `lane ${payload.number}`);
    assert.equal(key, payload.customer);
  }
  const ids = (await test.records()).map(({ headers }) => headers[headerNames.id]);
  assert.deepEqual(messages.map((message) => message.id).sort(), [...ids].sort());
}

async function completeUnderLoad(test: CheckContext): Promise<void> {
  const group = test.unique('baristas');
  const partitions = test.capabilities.partitions ? { producer: { partitionCount: 10 } } : {};
  const bindings = { orders: { ...partitions, consumer: { concurrency: 10, ordering: 'none' } } };
  const members = await Promise.all(upTo(5).map(() => test.start({ bindings, components: [OrderDesk] })));
  const seen = test.recorder();
  for (const member of members) await member.sink(Order, { group }, seen.handle);
  const sender = async (index: number): Promise<void> => {
    const desk = members[index % members.length]?.get(OrderDesk);
    for (const number of upTo(100))
      await desk?.orders.send(order(index * 100 + number, { customer: `customer ${number}` }));
  };
  await Promise.all(Array.from({ length: 50 }, (_, index) => sender(index)));
  await seen.until(5_000);
  assert.deepEqual(numbersOf(seen.handled), upTo(5_000));
}
