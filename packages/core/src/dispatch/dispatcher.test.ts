import { AsyncLocalStorage } from 'node:async_hooks';
import fc from 'fast-check';
import { acknowledged, type Settlement, settlements } from '../binder/record';
import { Dispatcher } from './dispatcher';
import type { Turn } from './turn';

/** A task that tells when it begins, and ends when told to. */
class Job {
  turn: Turn | undefined;
  readonly outcome: Promise<Settlement>;
  settlement: Settlement | undefined;
  #finish!: () => void;

  constructor(dispatcher: Dispatcher, lane: string | undefined, act?: (turn: Turn) => Promise<unknown>) {
    const finished = new Promise<void>((resolve) => {
      this.#finish = resolve;
    });
    this.outcome = dispatcher.run(lane, async (turn) => {
      this.turn = turn;
      if (act !== undefined && (await act(turn)) === false) return settlements.requeue;
      await finished;
      return settlements.ack;
    });
    void this.outcome.then((settlement) => {
      this.settlement = settlement;
    });
  }

  get isRunning(): boolean {
    return this.turn !== undefined && this.settlement === undefined;
  }

  async finish(): Promise<Settlement> {
    this.#finish();
    return this.outcome;
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const running = (jobs: readonly Job[]): boolean[] => jobs.map((job) => job.isRunning);

test('jobs of one lane run one after the other, in the order they came', async () => {
  const dispatcher = new Dispatcher(10);
  const jobs = [1, 2, 3].map(() => new Job(dispatcher, 'a'));
  await settle();
  expect(running(jobs)).toEqual([true, false, false]);
  await jobs[0]?.finish();
  await settle();
  expect(running(jobs)).toEqual([false, true, false]);
  await jobs[1]?.finish();
  await settle();
  expect(running(jobs)).toEqual([false, false, true]);
  expect(await jobs[2]?.finish()).toBe(settlements.ack);
  expect(dispatcher.open).toBe(0);
});

test('no more jobs run at once than concurrency allows, over all lanes', async () => {
  const dispatcher = new Dispatcher(2);
  const jobs = ['a', 'b', 'c', undefined].map((lane) => new Job(dispatcher, lane));
  await settle();
  expect(running(jobs)).toEqual([true, true, false, false]);
  await jobs[1]?.finish();
  await settle();
  expect(running(jobs)).toEqual([true, false, true, false]);
  await jobs[0]?.finish();
  await settle();
  expect(running(jobs)).toEqual([false, false, true, true]);
});

test('what is done at once is answered before run returns, always with the same promise', () => {
  const dispatcher = new Dispatcher(1);
  let runs = 0;
  const task = (): Settlement => {
    runs += 1;
    return settlements.ack;
  };
  expect(dispatcher.run('a', task)).toBe(acknowledged);
  expect(dispatcher.run('a', task)).toBe(acknowledged);
  expect({ runs, open: dispatcher.open }).toEqual({ runs: 2, open: 0 });
});

test('any number of jobs that are done at once can wait behind one that is not', async () => {
  const dispatcher = new Dispatcher(1);
  const first = new Job(dispatcher, 'a');
  const order: number[] = [];
  const others = Array.from({ length: 20_000 }, (_, index) =>
    dispatcher.run('a', () => {
      order.push(index);
      return settlements.ack;
    }),
  );
  await first.finish();
  await Promise.all(others);
  expect(order.every((index, place) => index === place)).toBe(true);
  expect({ handled: order.length, open: dispatcher.open }).toEqual({ handled: 20_000, open: 0 });
});

test('a job that had to wait runs in the asynchronous context of its own delivery', async () => {
  const dispatcher = new Dispatcher(1);
  const deliveries = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];
  const first = deliveries.run('first', () => new Job(dispatcher, 'a'));
  const later = ['second', 'third'].map((name) =>
    deliveries.run(name, () =>
      dispatcher.run('a', () => {
        seen.push(deliveries.getStore());
        return settlements.ack;
      }),
    ),
  );
  await first.finish();
  await Promise.all(later);
  expect(seen).toEqual(['second', 'third']);
});

test('a task that throws at once frees lane and slot', async () => {
  const dispatcher = new Dispatcher(1);
  const broken = (): never => {
    throw new Error('broken');
  };
  await expect(dispatcher.run('a', broken)).rejects.toThrow('broken');
  expect(await dispatcher.run('a', () => settlements.ack)).toBe(settlements.ack);
  expect(dispatcher.open).toBe(0);
});

test('only what takes time is watched, and not while it stands by', async () => {
  const dispatcher = new Dispatcher(2);
  let proceed: () => void = () => undefined;
  const standing = new Job(dispatcher, 'a', (turn) =>
    turn.standBy(
      new Promise<void>((resolve) => {
        proceed = resolve;
      }),
    ),
  );
  await settle();
  expect(dispatcher.workingSince).toBeUndefined();
  proceed();
  await settle();
  expect(dispatcher.workingSince).toBeGreaterThan(0);
  await standing.finish();
  expect(dispatcher.workingSince).toBeUndefined();
});

test('jobs without a lane do not wait for one another', async () => {
  const dispatcher = new Dispatcher(2);
  const jobs = [new Job(dispatcher, undefined), new Job(dispatcher, undefined)];
  await settle();
  expect(running(jobs)).toEqual([true, true]);
});

test('a resting job keeps its lane and lends its slot', async () => {
  const dispatcher = new Dispatcher(1);
  const resting = new Job(dispatcher, 'a', (turn) => turn.rest(40));
  const sameLane = new Job(dispatcher, 'a');
  const otherLane = new Job(dispatcher, 'b');
  await settle();
  expect(running([sameLane, otherLane])).toEqual([false, true]);
  await otherLane.finish();
  expect(await resting.finish()).toBe(settlements.ack);
  await settle();
  expect(sameLane.isRunning).toBe(true);
});

test('a job that leaves gives up its lane too, and is first in it when it comes back', async () => {
  const dispatcher = new Dispatcher(1);
  let isBack = false;
  const leaving = new Job(dispatcher, 'a', async (turn) => {
    isBack = await turn.leave(20);
    return isBack;
  });
  const second = new Job(dispatcher, 'a');
  const third = new Job(dispatcher, 'a');
  await settle();
  expect(running([second, third])).toEqual([true, false]);
  await new Promise((resolve) => setTimeout(resolve, 40));
  expect(isBack).toBe(false);
  await second.finish();
  await settle();
  expect({ isBack, third: third.isRunning }).toEqual({ isBack: true, third: false });
  await leaving.finish();
  await settle();
  expect(third.isRunning).toBe(true);
});

test('the end gives back what waits and what rests, and lets what runs go on', async () => {
  const dispatcher = new Dispatcher(2);
  const active = new Job(dispatcher, 'a');
  const behind = new Job(dispatcher, 'a');
  const resting = new Job(dispatcher, 'b', (turn) => turn.rest(1_000_000));
  const left = new Job(dispatcher, 'c', (turn) => turn.leave(1_000_000));
  await settle();
  dispatcher.end();
  expect(await Promise.all([behind.outcome, resting.outcome, left.outcome])).toEqual([
    settlements.requeue,
    settlements.requeue,
    settlements.requeue,
  ]);
  expect(active.isRunning).toBe(true);
  expect(await dispatcher.run('z', async () => settlements.ack)).toBe(settlements.requeue);
  expect(await active.finish()).toBe(settlements.ack);
  expect(dispatcher.open).toBe(0);
});

test('idle resolves when the last open job is settled, and at once when there is none', async () => {
  const dispatcher = new Dispatcher(1);
  await dispatcher.idle();
  const job = new Job(dispatcher, 'a');
  let isIdle = false;
  const idle = dispatcher.idle().then(() => {
    isIdle = true;
  });
  await settle();
  expect(isIdle).toBe(false);
  await job.finish();
  await idle;
  expect(isIdle).toBe(true);
});

test('a pause starts nothing new, what runs goes on, and resume starts what waited', async () => {
  const dispatcher = new Dispatcher(2);
  const first = new Job(dispatcher, 'a');
  await settle();
  dispatcher.pause();
  const second = new Job(dispatcher, 'b');
  const third = new Job(dispatcher, 'a');
  await first.finish();
  await settle();
  expect(first.settlement).toBe(settlements.ack);
  expect(running([second, third])).toEqual([false, false]);
  dispatcher.resume();
  await settle();
  expect(running([second, third])).toEqual([true, true]);
});

test('the end gives back what waits in a pause', async () => {
  const dispatcher = new Dispatcher(1);
  dispatcher.pause();
  const job = new Job(dispatcher, 'a');
  dispatcher.end();
  expect(await job.outcome).toBe(settlements.requeue);
});

test('abort fires the deadline of running jobs with its reason', async () => {
  const dispatcher = new Dispatcher(1);
  const job = new Job(dispatcher, 'a');
  await settle();
  const reason = new Error('time is up');
  expect(job.turn?.deadline.aborted).toBe(false);
  dispatcher.abort(reason);
  expect(job.turn?.deadline.reason).toBe(reason);
});

test('a task that fails frees lane and slot', async () => {
  const dispatcher = new Dispatcher(1);
  await expect(dispatcher.run('a', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await dispatcher.run('a', async () => settlements.ack)).toBe(settlements.ack);
  expect(dispatcher.open).toBe(0);
});

const anyJob = fc.record({
  lane: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
  steps: fc.array(fc.constantFrom('work', 'rest', 'leave'), { maxLength: 4 }),
  fails: fc.boolean(),
});
const anyEnd = fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined });

test('for any jobs: lanes keep order, concurrency is never exceeded, and all settle, with or without an end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyJob, { maxLength: 25 }),
      fc.integer({ min: 1, max: 4 }),
      anyEnd,
      async (jobs, concurrency, endAfter) => {
        const dispatcher = new Dispatcher(concurrency);
        const holders = new Map<string, number>();
        const began = new Map<string, number[]>();
        const mayOvertake = new Set<string | undefined>(
          jobs.filter(({ steps }) => steps.includes('leave')).map(({ lane }) => lane),
        );
        let active = 0;
        let peak = 0;
        const enter = (index: number, lane: string | undefined): void => {
          active += 1;
          peak = Math.max(peak, active);
          if (lane === undefined) return;
          expect(holders.get(lane)).toBeUndefined();
          holders.set(lane, index);
        };
        const task =
          (index: number) =>
          async (turn: Turn): Promise<Settlement> => {
            const { lane, steps, fails } = jobs[index] as (typeof jobs)[number];
            enter(index, lane);
            if (lane !== undefined) began.set(lane, [...(began.get(lane) ?? []), index]);
            for (const step of steps) {
              if (step === 'work') {
                await settle();
                continue;
              }
              active -= 1;
              if (step === 'leave' && lane !== undefined) holders.delete(lane);
              const goesOn = step === 'rest' ? await turn.rest(1) : await turn.leave(1);
              if (!goesOn) {
                if (step === 'rest' && lane !== undefined) holders.delete(lane);
                return settlements.requeue;
              }
              active += 1;
              peak = Math.max(peak, active);
              if (step === 'leave' && lane !== undefined) {
                expect(holders.get(lane)).toBeUndefined();
                holders.set(lane, index);
              }
            }
            active -= 1;
            if (lane !== undefined) holders.delete(lane);
            if (fails) throw new Error('task failed');
            return settlements.ack;
          };
        const outcomes = jobs.map(({ lane }, index) => dispatcher.run(lane, task(index)));
        const settled = Promise.allSettled(outcomes);
        if (endAfter !== undefined) {
          for (let turn = 0; turn < endAfter; turn += 1) await settle();
          dispatcher.end();
        }
        await settled;
        await dispatcher.idle();
        expect(peak).toBeLessThanOrEqual(concurrency);
        expect(dispatcher.open).toBe(0);
        for (const [lane, order] of began)
          if (!mayOvertake.has(lane)) expect(order).toEqual([...order].sort((one, other) => one - other));
      },
    ),
    { numRuns: 60 },
  );
});
