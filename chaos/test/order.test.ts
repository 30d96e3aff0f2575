import { run } from './hand-made-ledgers';

const overtaken = (newer: string, older: string, group = 'processors') =>
  `the order of a key is kept: ${group} began ${newer} while ${older} was not finished`;

/** Only what the order is about. */
const inOrder = (sentences: readonly string[]): string[] => sentences.filter((each) => each.startsWith('the order'));

describe('the order of a key is kept', () => {
  test('a newer message that begins before the older one is done has overtaken it', () => {
    const made = run().confirmed('a', 1, 0).confirmed('a', 2, 1).handled('a', 1, 10, 20).handled('a', 2, 15, 25);
    expect(inOrder(made.sentences())).toEqual([overtaken('a#2', 'a#1')]);
    expect(made.verdict().reordered).toBe(1);
  });

  test('keys go side by side', () => {
    const made = run().confirmed('a', 1, 0).confirmed('b', 2, 1).handled('a', 1, 10, 20).handled('b', 2, 15, 25);
    expect(inOrder(made.sentences())).toEqual([]);
  });

  test('a newer one may not begin between the attempts at an older one', () => {
    const made = run().confirmed('a', 1, 0).confirmed('a', 2, 1);
    made.handled('a', 1, 10, 12, { outcome: 'failed' }).handled('a', 2, 14, 16).handled('a', 1, 20, 22, { attempt: 2 });
    expect(inOrder(made.sentences())).toEqual([overtaken('a#2', 'a#1')]);
  });

  test('nor while what the older one returned is not sent', () => {
    const made = run().confirmed('a', 1, 0).confirmed('a', 2, 1).handled('a', 1, 10, 12);
    made.tell('processors-1', 1, {
      at: 13,
      what: 'retried',
      group: 'processors',
      id: 'processors a#1',
      why: 'refused',
    });
    made.handled('a', 2, 14, 16).handled('a', 1, 20, 22, { attempt: 2 });
    expect(inOrder(made.sentences())).toEqual([overtaken('a#2', 'a#1')]);
  });

  test('nor after the older one died with its process, before it was handled again', () => {
    const made = run().confirmed('a', 1, 0).confirmed('a', 2, 1);
    made.handled('a', 1, 10, 0, { outcome: 'open' }).handled('a', 2, 20, 22, { member: 'processors-2' });
    made.handled('a', 1, 30, 32, { member: 'processors-2' });
    expect(inOrder(made.sentences())).toEqual([overtaken('a#2', 'a#1')]);
  });

  test('an older one that comes again after it was done may come at any time', () => {
    const made = run().confirmed('a', 1, 0).confirmed('a', 2, 1).handled('a', 1, 10, 12).handled('a', 2, 14, 30);
    made.handled('a', 1, 20, 22, { member: 'processors-2' }).handled('a', 2, 24, 26, { member: 'processors-2' });
    expect(inOrder(made.sentences())).toEqual([]);
  });

  test('an older one is finished when it is buried', () => {
    const made = run().confirmed('a', 1, 0).confirmed('a', 2, 1);
    made.handled('a', 1, 10, 12, { outcome: 'failed' }).buried('a', 1, 15, 'processors');
    expect(inOrder(made.handled('a', 2, 16, 18).sentences())).toEqual([]);
    const early = run().confirmed('a', 1, 0).confirmed('a', 2, 1).handled('a', 1, 10, 12, { outcome: 'failed' });
    early.handled('a', 2, 14, 18).buried('a', 1, 15, 'processors');
    expect(inOrder(early.sentences())).toEqual([overtaken('a#2', 'a#1')]);
  });

  test('one whose send was never confirmed may come late', () => {
    const made = run().rejected('a', 1, 0).confirmed('a', 2, 1).handled('a', 2, 10, 12).handled('a', 1, 20, 22);
    expect(inOrder(made.sentences())).toEqual([]);
  });

  test('each group has an order of its own', () => {
    const made = run().confirmed('a', 1, 0).confirmed('a', 2, 1).handled('a', 1, 10, 12).handled('a', 2, 14, 16);
    made.handled('a', 2, 20, 22, { group: 'workers' }).handled('a', 1, 24, 26, { group: 'workers' });
    expect(inOrder(made.sentences())).toEqual([overtaken('a#2', 'a#1', 'workers')]);
  });

  test('messages in different partitions have no order, there and behind', () => {
    const made = run().confirmed('a', 1, 0).confirmed('a', 2, 1).fault({ beganAt: 0, name: 'partitions grown' });
    made.handled('a', 1, 10, 20, { partition: 0 }).handled('a', 2, 12, 14, { partition: 4 });
    made.handled('a', 2, 16, 18, { group: 'workers' }).handled('a', 1, 22, 24, { group: 'workers' });
    expect(made.sentences()).toEqual([]);
  });
});

describe('a key keeps its partition', () => {
  const moved = () =>
    run()
      .wentWell('a', 1, 0)
      .confirmed('a', 2, 100)
      .handled('a', 2, 102, 104, { partition: 3 })
      .handled('a', 2, 106, 108, { group: 'workers' });

  test('while their number stays', () => {
    expect(moved().sentences()).toEqual([
      'a key keeps its partition: processors had a#2 in partition 3, others of its key in 0',
    ]);
  });

  test('and not when they have grown', () => {
    expect(moved().fault({ beganAt: 50, name: 'partitions grown' }).sentences()).toEqual([]);
  });
});
