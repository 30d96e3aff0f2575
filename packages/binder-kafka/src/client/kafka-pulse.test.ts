import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaPulse } from './kafka-pulse';

const told: boolean[] = [];
let pulse: KafkaPulse;

beforeEach(() => {
  told.length = 0;
  pulse = new KafkaPulse(1, (isSilent) => told.push(isSilent));
});
afterEach(() => pulse.rest());

/** What a process without a processor does: nothing, not even read what has arrived. */
function stall(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

it('tells of three seconds without an answer, and of the next one', async () => {
  pulse.beat();
  await sleep(2_500);
  expect(told).toEqual([]);
  await sleep(1_000);
  expect(told).toEqual([true]);
  pulse.beat();
  expect(told).toEqual([true, false]);
});

it.each([100, 2_200])('takes no stall of its own process for a silence of the broker (after %i ms)', async (before) => {
  pulse.beat();
  await sleep(before);
  stall(3_500);
  // The answer lies in the socket; it is read after the timers that are due.
  await sleep(20);
  pulse.beat();
  await sleep(100);
  expect(told).toEqual([]);
});
