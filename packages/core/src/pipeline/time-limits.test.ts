import { type Limited, limitsOf } from './time-limits';

const deadline = new AbortController();
const queue = limitsOf(deadline.signal).queue(20);

function run(ended: string[], name: string): Limited {
  const running: Limited = {
    startedAt: performance.now(),
    giveUp: (why) => {
      queue.leave(running);
      ended.push(`${name}: ${why}`);
    },
  };
  queue.enter(running);
  return running;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('each run has its whole limit, although one timer does for all', async () => {
  const ended: string[] = [];
  run(ended, 'first');
  const left = run(ended, 'in time');
  await sleep(12);
  queue.leave(left);
  run(ended, 'second');
  await sleep(12);
  expect(ended).toEqual(['first: limit']);
  await sleep(20);
  expect(ended).toEqual(['first: limit', 'second: limit']);
});

test('a run that begins right after the last one left does not inherit its time', async () => {
  const ended: string[] = [];
  const first = run(ended, 'first');
  const until = performance.now() + 15;
  while (performance.now() < until);
  queue.leave(first);
  const second = run(ended, 'second');
  await sleep(10);
  expect(ended).toEqual([]);
  queue.leave(second);
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
