import assert from 'node:assert/strict';
import type { Check } from '../check';
import type { CheckContext } from '../check-context';
import { TestProcess } from '../child-process';

export const processChecks: readonly Check[] = [
  {
    id: 'H10',
    title: 'SIGTERM and SIGINT drain and let the process end; a second signal ends it at once',
    needs: ['childProgram'],
    seconds: 120,
    run: async (test) => {
      const signals = ['SIGTERM', 'SIGINT'] as const;
      await Promise.all(signals.flatMap((signal) => [drains(test, signal), isForced(test, signal)]));
    },
  },
  {
    id: 'H11',
    title: 'SIGKILL in the middle of a handler: another process gets the message',
    needs: ['groups', 'durable', 'childProgram'],
    seconds: 120,
    run: async (test) => {
      const killed = new TestProcess(test, 'stuck');
      await killed.until('handling');
      killed.send('SIGKILL');
      assert.equal(await killed.end(5_000), 'SIGKILL');
      const seen = await test.record(await test.start(), test.unique('baristas'));
      await test.eventually(() => assert.equal(seen.handled.length, 1), 45_000);
      assert.equal(seen.handled[0]?.number, 1);
    },
  },
  {
    id: 'H16',
    title: 'when all is stopped the process ends by itself: nothing is left open',
    needs: ['childProgram'],
    seconds: 90,
    run: async (test) => {
      const child = new TestProcess(test, 'exit');
      await child.until('stopped');
      assert.equal(await child.end(2_000), 0, child.complaint);
    },
  },
  {
    id: 'H17',
    title: 'handlers that fail in every way, even late: no unhandled rejection, the process lives',
    needs: ['childProgram', 'deadLetters'],
    seconds: 60,
    run: async (test) => {
      const child = new TestProcess(test, 'unruly');
      assert.equal(await child.end(40_000), 0, child.complaint);
      assert.deepEqual(child.words, ['calm']);
      assert.equal(child.complaint, '');
    },
  },
];

async function drains(test: CheckContext, signal: NodeJS.Signals): Promise<void> {
  const child = new TestProcess(test, 'drain', `drained-by-${signal}`);
  await child.until('handling');
  child.send(signal);
  assert.equal(await child.end(10_000), 0, child.complaint);
  assert.deepEqual(child.words, ['handling', 'handled']);
}

async function isForced(test: CheckContext, signal: NodeJS.Signals): Promise<void> {
  const child = new TestProcess(test, 'stuck', `forced-by-${signal}`);
  await child.until('handling');
  child.send(signal);
  await child.until('signalled');
  child.send(signal);
  assert.equal(await child.end(5_000), 1, child.complaint);
}
