import { run } from './hand-made-ledgers';

describe('nothing is lost', () => {
  test('a message that every group has handled is well', () => {
    const made = run().wentWell('a', 1, 0).wentWell('a', 2, 100);
    expect(made.sentences()).toEqual([]);
    expect(made.verdict()).toMatchObject({ confirmed: 2, handled: 2, lost: 0 });
  });

  test('a confirmed one that nobody was given is lost, and counted once', () => {
    const made = run().wentWell('a', 1, 0).confirmed('a', 2, 100);
    expect(made.sentences()).toEqual([
      'nothing is lost: a#2 was confirmed to its sender, and processors neither handled it nor have it in their dead letters',
    ]);
    expect(made.verdict()).toMatchObject({ confirmed: 2, handled: 1, lost: 1 });
  });

  test('one that its handler was given and never finished is lost', () => {
    const made = run()
      .confirmed('a', 1)
      .handled('a', 1, 2, 4)
      .handled('a', 1, 6, 8, { group: 'workers', outcome: 'open' });
    expect(made.sentences()).toEqual([
      'nothing is lost: a#1 was confirmed to its sender, and workers neither handled it nor have it in their dead letters',
    ]);
  });

  test('one that failed for good is well in the dead letters, and lost without', () => {
    const failed = () =>
      run().confirmed('a', 1).handled('a', 1, 2, 4).handled('a', 1, 6, 8, { group: 'workers', outcome: 'failed' });
    expect(failed().buried('a', 1, 9).sentences()).toEqual([]);
    expect(failed().sentences()).toHaveLength(1);
  });

  test('a dead letter that only the application tells of, and the broker has not, is lost', () => {
    const made = run().confirmed('a', 1).handled('a', 1, 2, 4);
    made.handled('a', 1, 6, 8, { group: 'workers', outcome: 'failed' }).buried('a', 1, 9);
    made.letters.length = 0;
    expect(made.verdict().lost).toBe(1);
  });

  test('what a group has put aside is not missed by those behind it', () => {
    const made = run().confirmed('a', 1).handled('a', 1, 2, 4, { outcome: 'failed' }).buried('a', 1, 5, 'processors');
    expect(made.sentences()).toEqual([]);
  });

  test('a send that was refused, or had no answer, claims nothing', () => {
    expect(run().rejected('a', 1).unanswered('b', 1).sentences()).toEqual([]);
  });

  test('but what somebody was handed is there, whatever its sender knows', () => {
    const made = run().rejected('a', 1).handled('a', 1, 2, 4, { outcome: 'open' });
    expect(made.sentences()).toEqual([
      'nothing is lost: a#1 was handed over once, and processors neither handled it nor have it in their dead letters',
    ]);
  });

  test('a handler whose output was refused has not handled its message', () => {
    const made = run().confirmed('a', 1).handled('a', 1, 2, 4);
    made.tell('processors-1', 1, { at: 5, what: 'retried', group: 'processors', id: 'processors a#1', why: 'refused' });
    expect(made.verdict().lost).toBe(1);
  });
});
