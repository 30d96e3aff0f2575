import assert from 'node:assert/strict';
import { headerNames, Sink, Source } from '@millrace/core';
import { injectable } from 'inversify';
import type { Check } from '../check';
import { sendAll } from '../check-context';
import { Faults } from '../faults';
import { Gate } from '../gate';
import { FirstOrders, Order, order, orders, Receipt, receipt } from '../messages';

/** Sends as many receipts as the number of the order says. */
@injectable()
class Cashier {
  @Sink(Order)
  @Source(Receipt)
  bill(of: Order): Receipt | Receipt[] | undefined {
    if (of.number === 1) return undefined;
    if (of.number === 2) return receipt(of);
    return Array.from({ length: of.number }, (_, index) => receipt(of, `part ${index + 1}`));
  }
}

/** Lets the check do something between its call and its receipt. */
@injectable()
class PatientCashier {
  readonly called = new Gate();
  readonly go = new Gate();

  @Sink(Order)
  @Source(Receipt)
  async bill(of: Order): Promise<Receipt> {
    this.called.open();
    await this.go.passed();
    return receipt(of);
  }
}

export const processors: readonly Check[] = [
  {
    id: 'A15',
    title: 'what a processor returns is sent on: one, several from an array, none',
    run: async (test) => {
      const app = await test.start({ components: [Cashier] });
      const receipts = test.recorder<Receipt>();
      await app.sink(Receipt, { group: test.unique('books') }, receipts.handle);
      await sendAll(app.source(Order), orders(3));
      await receipts.until(4);
      const texts = receipts.handled.map(({ order: number, text }) => `${number} ${text}`).sort();
      assert.deepEqual(texts, ['2 one flat white', '3 part 1', '3 part 2', '3 part 3']);
      assert.equal((await test.records('receipts')).length, 4);
    },
  },
  {
    id: 'A16',
    title: 'the output is confirmed before the input is acknowledged, and by the broker itself',
    alone: true,
    run: async (test) => {
      const faults = new Faults();
      const { holdAnswers } = test.subject;
      const broker = holdAnswers ? await test.ownWorld() : test.world;
      const app = await test.start({ faults, worlds: { broker }, components: [PatientCashier] });
      const cashier = app.get(PatientCashier);
      // The way to the output is known before the broker falls silent.
      await app.send(Receipt, receipt(order(1)));
      await app.send(Order, order(2));
      await test.within('the call of the cashier', cashier.called.passed());
      const release = holdAnswers
        ? await holdAnswers(broker)
        : faults.holdSends({ destination: test.unique('receipts') });
      try {
        cashier.go.open();
        await test.remains(() => assert.equal(faults.traffic.settled.length, 0), 200);
      } finally {
        await release();
      }
      await test.eventually(() => assert.equal(faults.traffic.count('ack'), 1));
      assert.deepEqual(
        faults.traffic.sent.map((each) => each.destination),
        ['receipts', 'orders', 'receipts'].map((channel) => test.unique(channel)),
      );
      const outputs = await broker.readRecords(test.unique('receipts'));
      assert.ok(outputs.length >= 2, `${outputs.length} receipts`);
    },
  },
  {
    id: 'A21',
    title: 'what a handler sends or returns belongs to the conversation of what it handles, and names it as its cause',
    run: async (test) => {
      const app = await test.start({ components: [Cashier] });
      const seen = await test.record(app, test.unique('relay'), async (of) => {
        await app.send(FirstOrders, of);
      });
      await app.send(Order, order(2), { headers: { [headerNames.correlationId]: 'table 7' } });
      await seen.until(1);
      const [cause] = seen.messages;
      for (const channel of ['receipts', 'orders.first']) {
        const [sent] = await test.eventually(async () => {
          const records = await test.records(channel);
          assert.equal(records.length, 1);
          return records;
        });
        assert.equal(sent?.headers[headerNames.correlationId], 'table 7', channel);
        assert.equal(sent?.headers[headerNames.causationId], cause?.id, channel);
        assert.notEqual(sent?.headers[headerNames.id], cause?.id);
      }
    },
  },
];
