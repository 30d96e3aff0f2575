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

/** How long each run had, by its name. */
function hadBeforeItsEnd(): { readonly had: Map<string, number>; run(name: string): Limited } {
  const had = new Map<string, number>();
  const start = (name: string): Limited => {
    const running: Limited = {
      startedAt: performance.now(),
      giveUp: () => {
        queue.leave(running);
        had.set(name, performance.now() - running.startedAt);
      },
    };
    queue.enter(running);
    return running;
  };
  return { had, run: start };
}

test('each run has its whole limit, although one timer does for all', async () => {
  const { had, run } = hadBeforeItsEnd();
  run('first');
  const left = run('in time');
  await sleep(12);
  queue.leave(left);
  run('second');
  while (had.size < 2) await sleep(1);
  expect([...had.keys()]).toEqual(['first', 'second']);
  for (const ms of had.values()) expect(ms).toBeGreaterThanOrEqual(20);
});

test('a run that begins right after the last one left does not inherit its time', async () => {
  const { had, run } = hadBeforeItsEnd();
  const first = run('first');
  const until = performance.now() + 15;
  while (performance.now() < until);
  queue.leave(first);
  run('second');
  while (had.size < 1) await sleep(1);
  expect(had.get('second')).toBeGreaterThanOrEqual(20);
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
