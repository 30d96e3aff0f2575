import assert from 'node:assert/strict';
import { Sink, Source } from '@millrace/core';
import { injectable } from 'inversify';
import type { Check } from '../check';
import { sendAll } from '../check-context';
import { FirstOrders, numbersOf, Order, order, orders, Receipt, receipt, SecondOrders, upTo } from '../messages';

@injectable()
class Cashier {
  @Sink(Order)
  @Source(Receipt)
  async bill(of: Order): Promise<Receipt> {
    return receipt(of);
  }
}

export const severalBinders: readonly Check[] = [
  {
    id: 'A17',
    title: 'input from one binder, output to another',
    run: async (test) => {
      const worlds = { east: test.world, west: await test.ownWorld() };
      const app = await test.start({
        worlds,
        components: [Cashier],
        bindings: { orders: { binder: 'east' }, receipts: { binder: 'west' } },
      });
      const receipts = test.recorder<Receipt>();
      await app.sink(Receipt, { group: test.unique('books') }, receipts.handle);
      await sendAll(app.source(Order), orders(20));
      await receipts.until(20);
      assert.deepEqual(
        receipts.handled.map((each) => each.order).sort((a, b) => a - b),
        upTo(20),
      );
      assert.equal((await worlds.west.readRecords(test.unique('receipts'))).length, 20);
      if (test.subject.separateWorlds) assert.equal((await worlds.east.readRecords(test.unique('receipts'))).length, 0);
    },
  },
  {
    id: 'A18',
    title: 'two binders of one kind in one application do not mix',
    run: async (test) => {
      const worlds = { east: test.world, west: await test.ownWorld() };
      const place = test.unique('orders');
      const app = await test.start({
        worlds,
        bindings: {
          'orders.first': { binder: 'east', destination: place },
          'orders.second': { binder: 'west', destination: test.subject.separateWorlds ? place : `${place}-west` },
        },
      });
      const group = test.unique('baristas');
      const east = test.recorder();
      const west = test.recorder();
      await app.sink(FirstOrders, { group }, east.handle);
      await app.sink(SecondOrders, { group }, west.handle);
      await Promise.all(
        upTo(20).map((number) => app.send(number % 2 === 0 ? FirstOrders : SecondOrders, order(number))),
      );
      await east.until(10);
      await west.until(10);
      assert.deepEqual(
        numbersOf(east.handled),
        upTo(20).filter((number) => number % 2 === 0),
      );
      assert.deepEqual(
        numbersOf(west.handled),
        upTo(20).filter((number) => number % 2 === 1),
      );
    },
  },
];
