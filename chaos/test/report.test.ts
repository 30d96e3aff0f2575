import { historyOf } from '../src/report/history';
import { reportOf } from '../src/report/report';
import { timeline } from '../src/report/timeline';
import { run } from './hand-made-ledgers';

const killedWorker = () =>
  run()
    .wentWell('a', 1, 0)
    .fault({
      beganAt: 500,
      removedAt: 2_500,
      name: 'consumer killed',
      target: 'workers-1',
      life: 1,
      groups: ['workers'],
      hitsProducers: false,
      repeats: 'deliveries',
    })
    .handled('a', 1, 900, 902, { group: 'workers', member: 'workers-2' })
    .confirmed('a', 2, 3_000)
    .handled('a', 2, 3_002, 3_004)
    .handled('a', 2, 3_006, 3_008, { group: 'workers', life: 2 });

test('the report has what machines want to know', () => {
  const made = killedWorker();
  const report = reportOf({ binder: 'kafka', seed: 7, minutes: 1 }, made.evidence, made.verdict(), 0);
  expect(report).toEqual({
    binder: 'kafka',
    seed: 7,
    minutes: 1,
    confirmed: 2,
    handled: 2,
    lost: 0,
    duplicates: 1,
    duplicatesAllowed: 1,
    reordered: 0,
    deadLettered: 0,
    faults: [
      {
        number: 1,
        fault: 'consumer killed',
        target: 'workers-1',
        atSecond: 0.5,
        seconds: 2,
        inFlight: 1,
        duplicates: 1,
      },
    ],
    recoveries: [{ fault: 'consumer killed: workers-1', seconds: 0.508, consumerSeconds: 0.508, overlapped: false }],
    maxRssMb: 0,
    violations: [],
  });
});

test('the timeline has what people want to know', () => {
  const made = killedWorker();
  made.tell('workers-2', 1, { at: 700, what: 'trouble', binding: 'labels/workers', why: 'no broker' });
  expect(timeline(made.evidence, made.verdict(), 0)).toEqual([
    'time     fault',
    '00:00.5  consumer killed (workers-1), 2.0 s',
    '         effect: trouble at workers-2; in flight 1, came twice 1',
    '         recovery: consumers 0.5 s',
  ]);
});

test('an outage is held against its goal', () => {
  const made = run()
    .wentWell('a', 1, 0)
    .fault({ beganAt: 100, removedAt: 1_000, target: 'kafka node 1' })
    .wentWell('a', 2, 3_000);
  expect(timeline(made.evidence, made.verdict(), 0).at(-1)).toBe(
    '         recovery: producers 2.0 s (goal 1 s MISSED), consumers 2.0 s (goal 12 s)',
  );
});

test('the history of a message has every hand it went through, and the faults between', () => {
  const made = killedWorker();
  const story = made.evidence.stories.find(({ number }) => number === 1);
  if (story === undefined) throw new Error('no story');
  const lines = historyOf(story, made.faults, 0).map((line) => line.replace(/^ +\S+ +/, ''));
  expect(lines).toEqual([
    'history of a#1',
    'producer-1.1 sends',
    'producer-1.1 has it confirmed',
    'processors: processors-1.1 begins, attempt 1, id processo from 0@0',
    'processors: processors-1.1 is done',
    'workers: workers-1.1 begins, attempt 1, id workers  from 0@0',
    'workers: workers-1.1 is done',
    'fault 1: consumer killed (workers-1)',
    'workers: workers-2.1 begins, attempt 1, id workers  from 0@0',
    'workers: workers-2.1 is done',
    'fault 1: cause gone',
  ]);
});
