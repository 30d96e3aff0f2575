import { bytesOf, run } from './hand-made-ledgers';

describe('a dead letter has its reason and its bytes', () => {
  const buried = () =>
    run().confirmed('a', 1).handled('a', 1, 2, 4).handled('a', 1, 6, 8, { group: 'workers', outcome: 'failed' });
  const body = bytesOf('workers', 'a', 1);

  test('well with both', () => {
    expect(buried().letter('workers', body).sentences()).toEqual([]);
  });

  test.each([
    ['does not say why', body, '', 'Error'],
    ['does not name its error', body, 'doomed', ''],
    ['has other bytes than the message', Buffer.from(`${body} `), 'doomed', 'Error'],
  ])('it %s', (problem, bytes, message, name) => {
    expect(buried().letter('workers', bytes, message, name).sentences()).toEqual([
      `a dead letter has its reason and its bytes: the dead letter of workers for a#1 ${problem}`,
    ]);
  });

  test.each([
    ['not even JSON', Buffer.from('{')],
    ['nothing at all', null],
  ])('one with %s buries nobody', (_, bytes) => {
    const made = buried().letter('workers', bytes);
    expect(made.verdict().lost).toBe(1);
    expect(made.sentences()[1]).toMatch(/the dead letter of workers for a message nobody has sent cannot be read/);
  });
});

describe('memory is bounded', () => {
  test('flat after the first minute', () => {
    const made = run().sample('workers-1', 0, 100).sample('workers-1', 60_000, 120).sample('workers-1', 600_000, 150);
    expect(made.sentences()).toEqual([]);
    expect(made.verdict().maxRssMb).toBe(150);
  });

  test('a process that goes on growing breaks it', () => {
    const made = run().sample('workers-1', 0, 100).sample('workers-1', 60_000, 120).sample('workers-1', 600_000, 200);
    expect(made.sentences()).toEqual([
      'memory is bounded: workers-1.1 took up 200 MB, and 190 MB was its bound (120 MB in its first minute)',
    ]);
  });

  test('so does one that is too large at once', () => {
    expect(run().sample('workers-1', 0, 500).sentences()).toEqual([
      'memory is bounded: workers-1.1 took up 500 MB, and 400 MB was its bound (500 MB in its first minute)',
    ]);
  });
});

describe('a process ends by itself, in its time', () => {
  test('or it was killed by us', () => {
    expect(run().departed({}).departed({ how: 'killed', code: 'SIGKILL' }).sentences()).toEqual([]);
  });

  test.each([
    ['ended with 7, and nobody had asked it to', { how: 'alone', code: 7 }],
    ['had to be killed 35.0 s after it was asked to end', { isForced: true, code: 'SIGKILL', seconds: 35 }],
    ['ended with 1 when it was asked to end', { code: 1 }],
    ['took 36.0 s to end, and had 35 s', { seconds: 36 }],
  ] as const)('%s', (sentence, departure) => {
    expect(run().departed(departure).sentences()).toEqual([
      `a process ends by itself, in its time: workers-1.1 ${sentence}`,
    ]);
  });
});

describe('a send has an answer', () => {
  test('when its process has ended in peace', () => {
    const made = run().unanswered('a', 1).departed({ member: 'producer-1' });
    expect(made.sentences()).toEqual(['a send has an answer: the send of a#1 neither resolved nor rejected']);
  });

  test('and need not when it was killed', () => {
    expect(
      run().unanswered('a', 1).departed({ member: 'producer-1', how: 'killed', code: 'SIGKILL' }).sentences(),
    ).toEqual([]);
  });
});

describe('a broadcast is heard again', () => {
  const listening = (heardUntil: number) => {
    const made = run().tell('archivist-1', 1, { at: 0, what: 'running' });
    for (let at = 1_000; at <= heardUntil; at += 1_000) made.tell('archivist-1', 1, { at, what: 'heard', count: 3 });
    return made.wentWell('a', 1, 100).wentWell('a', 2, 60_000);
  };

  test('to the end', () => {
    expect(listening(59_000).sentences()).toEqual([]);
  });

  test('a listener that has gone deaf breaks it', () => {
    expect(listening(20_000).sentences()).toEqual([
      'a broadcast is heard again: archivist, life 1, heard nothing in the last 40 s before the last message',
    ]);
  });
});

test('a fault that could not be carried out is no proof', () => {
  expect(run().fault({ beganAt: 0, problem: 'no such node' }).sentences()).toEqual([
    'faults are carried out: fault 1, broker killed (node 1): no such node',
  ]);
});

test('recovery is counted from the end of the cause, and to the last partition and producer', () => {
  const made = run().fault({ beganAt: 1_000, removedAt: 5_000 });
  made.confirmed('a', 1, 0).handled('a', 1, 10, 20, { partition: 0 });
  made.confirmed('b', 1, 0, 'producer-2').handled('b', 1, 10, 20, { partition: 1 });
  made.confirmed('a', 2, 5_100).handled('a', 2, 5_200, 5_300, { partition: 0 });
  made.confirmed('b', 2, 5_900, 'producer-2').handled('b', 2, 7_000, 7_500, { partition: 1 });
  expect(made.verdict().recoveries).toEqual([
    { fault: 1, producerSeconds: 0.901, consumerSeconds: 2.5, isOverlapped: false },
  ]);
});
