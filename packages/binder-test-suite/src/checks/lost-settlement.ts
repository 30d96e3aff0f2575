import assert from 'node:assert/strict';
import { Sink, Source } from '@millrace/core';
import { deadLetterHeaderNames } from '@millrace/core/spi';
import { injectable } from 'inversify';
import type { Check } from '../check';
import { consumerOf } from '../check-context';
import { Faults } from '../faults';
import { Gate } from '../gate';
import { numbersOf, Order, order, Receipt, receipt } from '../messages';

export const lostSettlement: readonly Check[] = [
  {
    id: 'C9',
    title: 'the connection goes while a handler runs: its message comes again, and the binding goes on',
    alone: true,
    run: async (test) => {
      const faults = new Faults();
      const gate = new Gate();
      const { loseConnections } = test.subject;
      const broker = loseConnections ? await test.ownWorld() : test.world;
      const app = await test.start({ faults, worlds: { broker } });
      const seen = await test.record(app, test.unique('baristas'), (_, { signal }) => gate.passed(signal));
      await app.send(Order, order(1));
      await seen.untilCalled(1);
      if (loseConnections) await loseConnections(broker);
      else faults.loseConnection();
      gate.open();
      await seen.until(1);
      faults.restoreConnection();
      if (!loseConnections) await seen.until(2);
      await test.eventually(() => app.send(Order, order(2)));
      await test.eventually(() => assert.ok(numbersOf(seen.handled).includes(2)));
      await test.eventually(() => assert.equal(app.health().status, 'up'));
    },
  },
  {
    id: 'C10',
    title: 'a handler that ends after the drain deadline settles nothing a second time',
    needs: ['groups'],
    run: async (test) => {
      const faults = new Faults();
      const gate = new Gate();
      const group = test.unique('baristas');
      const first = await test.start({ faults });
      const late = await test.record(first, group, () => gate.passed());
      await first.send(Order, order(1));
      await late.untilCalled(1);
      await first.stop({ deadlineMs: 10 });
      const seen = await test.record(await test.start(), group);
      await seen.until(1);
      gate.open();
      await late.until(1);
      await test.remains(() =>
        assert.deepEqual(
          faults.traffic.settled.map((each) => each.verdict),
          ['requeue'],
        ),
      );
      assert.deepEqual(numbersOf(seen.handled), [1]);
    },
  },
  {
    id: 'C11',
    title: 'an acknowledgement that the broker refuses is seen in the health, and mended by the next',
    run: async (test) => {
      const faults = new Faults();
      const app = await test.start({ faults });
      const group = test.unique('baristas');
      const troubles: string[] = [];
      app.events.on('binding', ({ trouble }) => trouble && troubles.push(`${app.health().status}: ${trouble.message}`));
      const seen = await test.record(app, group);
      faults.refuseAcks({ times: 2 });
      await app.send(Order, order(1));
      await test.eventually(() => assert.equal(faults.traffic.count('ack'), 1));
      assert.equal(seen.calls.length, 3);
      assert.match(troubles[0] ?? '', /^down: .*refused an acknowledgement/);
      assert.equal(consumerOf(app, group).trouble, undefined);
      assert.equal(app.health().status, 'up');
    },
  },
  {
    id: 'C12',
    title: 'a processor whose output is refused has failed: it is tried again, and at last dead-lettered',
    needs: ['deadLetters'],
    run: async (test) => {
      const faults = new Faults();
      const app = await test.start({
        faults,
        components: [Cashier],
        bindings: { orders: { consumer: { retry: { maxAttempts: 3 } } } },
      });
      faults.refuseSends({ destination: test.unique('receipts'), times: 2 });
      await app.send(Order, order(1));
      await test.eventually(() => assert.equal(faults.traffic.count('ack'), 1));
      assert.equal((await test.records('receipts')).length, 1);
      assert.equal(app.get(Cashier).bills, 3);
      faults.refuseSends({ destination: test.unique('receipts'), times: 3 });
      await app.send(Order, order(2));
      const [letter, ...more] = await test.untilDeadLetters(test.unique('app'), 1);
      assert.equal(letter?.headers[deadLetterHeaderNames.code], 'SEND_FAILED');
      assert.equal(more.length, 0);
      assert.equal((await test.records('receipts')).length, 1);
    },
  },
  {
    id: 'C13',
    title: 'a handler that gives up on its abort signal: no acknowledgement, no dead letter, the message goes back',
    needs: ['groups'],
    run: async (test) => {
      const faults = new Faults();
      const group = test.unique('baristas');
      const bindings = { orders: { consumer: { retry: { maxAttempts: 1 } } } };
      const first = await test.start({ faults, bindings });
      const cancelled = await test.record(first, group, async (_, { signal }) => {
        await new Gate().passed(signal);
        throw signal.reason;
      });
      await first.send(Order, order(1));
      await cancelled.untilCalled(1);
      await first.stop({ deadlineMs: 10 });
      assert.deepEqual(
        faults.traffic.settled.map((each) => each.verdict),
        ['requeue'],
      );
      const seen = await test.record(await test.start({ bindings }), group);
      await seen.until(1);
      if (test.capabilities.deadLetters) assert.deepEqual(await test.deadLetters(group), []);
    },
  },
];

@injectable()
class Cashier {
  bills = 0;

  @Sink(Order)
  @Source(Receipt)
  async bill(of: Order): Promise<Receipt> {
    this.bills += 1;
    return receipt(of);
  }
}
