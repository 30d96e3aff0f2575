import { type Limited, limitsOf } from './time-limits';

const deadline = new AbortController();
const queue = limitsOf(deadline.signal).queue(20);

/** @param had how long each had that was given up, in milliseconds */
function run(ended: string[], name: string, had: number[] = []): Limited {
  const running: Limited = {
    startedAt: performance.now(),
    before: undefined,
    after: undefined,
    giveUp: (why) => {
      queue.leave(running);
      ended.push(`${name}: ${why}`);
      had.push(performance.now() - running.startedAt);
    },
  };
  queue.enter(running);
  return running;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('each run has its whole limit, although one timer does for all', async () => {
  const ended: string[] = [];
  const had: number[] = [];
  run(ended, 'first', had);
  const left = run(ended, 'in time', had);
  await sleep(12);
  queue.leave(left);
  run(ended, 'second', had);
  while (had.length < 2) await sleep(1);
  expect(ended).toEqual(['first: limit', 'second: limit']);
  for (const ms of had) expect(ms).toBeGreaterThanOrEqual(20);
});

test('a run that begins right after the last one left does not inherit its time', async () => {
  const ended: string[] = [];
  const had: number[] = [];
  const first = run(ended, 'first', had);
  const until = performance.now() + 15;
  while (performance.now() < until);
  queue.leave(first);
  run(ended, 'second', had);
  while (had.length < 1) await sleep(1);
  expect(ended).toEqual(['second: limit']);
  expect(had[0]).toBeGreaterThanOrEqual(20);
});

test('no timer is left when nothing runs', async () => {
  // Of the whole process: what other tests have left may end meanwhile.
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => /Timeout|Immediate/.test(name)).length;
  await sleep(1);
  const before = timers();
  const running = run([], 'only');
  queue.leave(running);
  await sleep(5);
  expect(timers()).toBeLessThanOrEqual(before);
});

test('the deadline gives up everything, whatever its limit', () => {
  const ended: string[] = [];
  run(ended, 'one');
  run(ended, 'other');
  deadline.abort();
  expect(ended).toEqual(['one: deadline', 'other: deadline']);
});
