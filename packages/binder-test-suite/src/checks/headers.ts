import assert from 'node:assert/strict';
import { MillraceError, RetryLater, Sink, Source } from '@millrace/core';
import { headerNames } from '@millrace/core/spi';
import { injectable } from 'inversify';
import type { Check } from '../check';
import { Faults } from '../faults';
import { ofEveryKind, plain } from '../header-kinds';
import { Order, order, Receipt, receipt } from '../messages';

@injectable()
class Cashier {
  @Sink(Order)
  @Source(Receipt)
  bill(of: Order): Receipt {
    return receipt(of);
  }
}

export const headers: readonly Check[] = [
  {
    id: 'B4',
    title: 'Unicode in names and values of headers, and in keys',
    run: async (test) => {
      const app = await test.start();
      const seen = await test.record(app, test.unique('baristas'));
      const sent = { größe: 'übergroß', ключ: 'значение', 桌: '七', emoji: '☕🥐', combining: 'e\u0301' };
      await app.send(Order, order(1), { headers: sent, key: 'клиент 🥐' });
      await seen.until(1);
      const [message] = seen.messages;
      for (const [name, value] of Object.entries(sent)) assert.equal(message?.headers[name], value, name);
      assert.equal(message?.key, 'клиент 🥐');
    },
  },
  {
    id: 'B5',
    title: 'header values keep their kind: text, numbers, booleans, null, dates, bytes, lists, objects',
    run: async (test) => {
      const app = await test.start();
      const seen = await test.record(app, test.unique('baristas'));
      await app.send(Order, order(1), { headers: ofEveryKind() });
      await seen.until(1);
      for (const [name, value] of Object.entries(ofEveryKind()))
        assert.deepEqual(plain(seen.messages[0]?.headers[name]), plain(value), name);
    },
  },
  {
    id: 'B7',
    title: 'a header of the sender arrives; reserved ones cannot be set, and nothing is sent',
    run: async (test) => {
      const app = await test.start();
      for (const name of ['millrace_id', 'millrace_attempts', 'x-exception-message', 'x-original-topic']) {
        const forged = app.send(Order, order(1), { headers: { [name]: 'forged' } });
        await assert.rejects(
          forged,
          (error) => MillraceError.is(error, 'HEADER_INVALID') && error.message.includes(name),
        );
      }
      assert.equal((await test.records()).length, 0);
    },
  },
  {
    id: 'B8',
    title: 'headers of the transport are not forwarded from an input to its output; the user’s own are',
    run: async (test) => {
      const app = await test.start({ components: [Cashier] });
      const receipts = test.recorder<Receipt>();
      await app.sink(Receipt, { group: test.unique('books') }, receipts.handle);
      const transport = {
        millrace_attempts: 2,
        'x-original-topic': 'elsewhere',
        'x-exception-message': 'old',
        scst_partition: 3,
      };
      const payload = Buffer.from(JSON.stringify(order(1)));
      await test.world.publishRaw(test.unique('orders'), { payload, headers: { ...transport, table: 'seven' } });
      await receipts.until(1);
      const found = receipts.messages[0]?.headers ?? {};
      for (const name of Object.keys(transport)) assert.equal(found[name], undefined, name);
      assert.equal(found.table, 'seven');
    },
  },
  {
    id: 'B18',
    title: 'the sender may give the id; without one each message has its own; one that cannot be carried is refused',
    run: async (test) => {
      const app = await test.start();
      const seen = await test.record(app, test.unique('baristas'));
      await app.send(Order, order(1), { id: 'order 1 of Zoë' });
      await app.send(Order, order(2), { id: 'x'.repeat(255) });
      await app.send(Order, order(3));
      await app.send(Order, order(4));
      for (const id of ['', 'x'.repeat(256), 7 as never])
        await assert.rejects(app.send(Order, order(5), { id }), (error) => MillraceError.is(error, 'HEADER_INVALID'));
      await seen.until(4);
      const ids = seen.messages
        .map(({ payload, id }) => [payload.number, id] as const)
        .sort(([one], [two]) => one - two);
      assert.deepEqual(
        ids.slice(0, 2).map(([, id]) => id),
        ['order 1 of Zoë', 'x'.repeat(255)],
      );
      assert.equal(new Set(ids.map(([, id]) => id)).size, 4);
      assert.equal(seen.handled.length, 4);
    },
  },
  {
    id: 'B19',
    title: 'the id of a message survives retry, delay, redelivery and dead letter',
    needs: ['deadLetters'],
    run: async (test) => {
      const faults = new Faults();
      const app = await test.start({ faults, bindings: { orders: { consumer: { retry: { maxAttempts: 2 } } } } });
      const group = test.unique('baristas');
      const seen = await test.record(app, group, ({ number }, { message }) => {
        if (number === 1 && message.attempt === 1) throw new RetryLater('10ms');
        if (number === 1) throw new Error('never');
      });
      await app.send(Order, order(1));
      const [letter] = await test.untilDeadLetters(group, 1);
      await test.eventually(() => assert.equal(faults.traffic.count('ack'), 1));
      faults.refuseAcks();
      await app.send(Order, order(2));
      await seen.until(2);
      const sent = (await test.records()).map((record) => record.headers[headerNames.id]);
      const idsOf = (number: number) =>
        new Set(seen.calls.filter(({ payload }) => payload.number === number).map(({ message }) => message.id));
      assert.equal(letter?.headers[headerNames.id], [...idsOf(1)][0]);
      assert.deepEqual([...idsOf(1), ...idsOf(2)].sort(), [...sent].sort());
    },
  },
];
