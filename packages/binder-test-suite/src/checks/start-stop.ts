import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MillraceError } from '@millrace/core';
import type { Check } from '../check';
import { consumerOf, sendAll } from '../check-context';
import { Faults } from '../faults';
import { numbersOf, Order, order, orders, upTo } from '../messages';

const MEBIBYTE = 1_024 * 1_024;

export const startStop: readonly Check[] = [
  {
    id: 'H1',
    title: 'start, stop, start again: messages flow, those sent in between too',
    needs: ['groups'],
    run: async (test) => {
      const app = await test.start();
      const group = test.unique('baristas');
      const seen = await test.record(app, group);
      await app.send(Order, order(1));
      await seen.until(1);
      await consumerOf(app, group).stop();
      await app.send(Order, order(2));
      await consumerOf(app, group).start();
      await seen.until(2);
      await app.stop();
      await assert.rejects(app.send(Order, order(9)), (error) => MillraceError.is(error, 'APPLICATION_STOPPED'));
      const other = await test.start();
      await other.send(Order, order(3));
      await app.start();
      await app.send(Order, order(4));
      await seen.until(4);
      assert.deepEqual(numbersOf(seen.handled), [1, 2, 3, 4]);
    },
  },
  {
    id: 'H2',
    title: 'stop before start, twice, and during start: nothing is left running',
    run: async (test) => {
      const unborn = await test.create();
      await unborn.stop();
      const faults = new Faults();
      const app = await test.create({ faults });
      const seen = await test.record(app, test.unique('baristas'));
      const starting = app.start().catch((error: unknown) => error);
      await test.within('stopping during the start', app.stop());
      await starting;
      assert.ok(
        app.bindings().every(({ state }) => state === 'stopped' || state === 'idle'),
        JSON.stringify(app.health()),
      );
      await Promise.all([app.stop(), app.stop()]);
      await app.stop();
      await (await test.start()).send(Order, order(1));
      await test.remains(() => assert.equal(seen.calls.length, 0));
    },
  },
  {
    id: 'H7',
    title: 'ten stops at once, of an application with messages in hand, all return',
    run: async (test) => {
      const app = await test.start();
      const seen = await test.record(
        app,
        test.unique('baristas'),
        () => new Promise((resolve) => setTimeout(resolve, 20)),
      );
      await sendAll(app.source(Order), orders(20));
      await seen.untilCalled(1);
      await test.within('ten stops', Promise.all(upTo(10).map(() => app.stop())));
      assert.ok(
        app.bindings().every(({ state }) => state === 'stopped'),
        JSON.stringify(app.health()),
      );
      assert.equal(seen.running, 0);
    },
  },
  {
    id: 'H18',
    title: 'start, handle, stop, 100 times over: no timer, socket, listener or memory is left behind',
    alone: true,
    seconds: 60,
    run: async (test) => {
      const lanes = 5;
      const rounds = test.times(20, 4);
      const cycle = async (lane: number): Promise<void> => {
        const app = await test.start({ bindings: { orders: { destination: test.unique(`lane-${lane}`) } } });
        const seen = await test.record(app, test.unique('baristas'));
        await app.send(Order, order(lane));
        await seen.until(1);
        await app.stop();
      };
      const round = (): Promise<unknown> => Promise.all(upTo(lanes).map(cycle));
      for (const _ of upTo(Math.ceil(rounds / 5))) await round();
      const before = left();
      for (const _ of upTo(rounds)) await round();
      await test.eventually(() => {
        const after = left();
        assert.ok(after.resources <= before.resources, `open resources: ${before.resources}, then ${after.resources}`);
        assert.equal(after.listeners, before.listeners, 'listeners to signals');
        const growth = (after.heap - before.heap) / (rounds * lanes);
        assert.ok(growth < MEBIBYTE / 10, `${Math.round(growth)} bytes of memory more for each cycle`);
      });
    },
  },
];

function left(): { resources: number; listeners: number; heap: number } {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const listeners = ['SIGTERM', 'SIGINT', 'exit', 'beforeExit'].reduce(
    (sum, event) => sum + process.listenerCount(event),
    0,
  );
  const resources = process
    .getActiveResourcesInfo()
    .filter((kind) => kind !== 'Timeout' && kind !== 'Immediate').length;
  return { resources, listeners, heap: process.memoryUsage().heapUsed };
}
