import { type HandMadeRun, run } from './hand-made-ledgers';

const again = (made: HandMadeRun): string[] =>
  made.sentences().filter((each) => each.startsWith('only what was in flight'));

/** A worker that had done the message was killed; another one gets it again. */
const again1 = { group: 'workers', member: 'workers-2' };
const killed = (at: number) =>
  ({
    beganAt: at,
    name: 'consumer killed',
    target: 'workers-1',
    life: 1,
    groups: ['workers'],
    hitsProducers: false,
    repeats: 'deliveries',
  }) as const;

describe('only what was in flight comes twice', () => {
  test('without any fault, nothing does', () => {
    const made = run().wentWell('a', 1, 0).handled('a', 1, 100, 102, again1);
    expect(again(made)).toEqual([
      'only what was in flight comes twice: workers had a#1 again, and it was not in flight at any fault',
    ]);
    expect(made.verdict().duplicates.count).toBe(1);
  });

  test('what a killed member had done, and the broker did not know yet, may come again', () => {
    const made = run().wentWell('a', 1, 0).fault(killed(500)).handled('a', 1, 900, 902, again1);
    expect(again(made)).toEqual([]);
    expect(made.verdict().duplicates.perFault).toEqual([{ inFlight: 1, duplicates: 1 }]);
  });

  test('what it had done long before may not', () => {
    const made = run().wentWell('a', 1, 0).fault(killed(5_000)).handled('a', 1, 5_900, 5_902, again1);
    expect(again(made)).toHaveLength(1);
    expect(made.verdict().duplicates.perFault).toEqual([{ inFlight: 0, duplicates: 0 }]);
  });

  test('what another member had done may not', () => {
    const made = run()
      .wentWell('a', 1, 0)
      .fault({ ...killed(500), target: 'workers-3' });
    expect(again(made.handled('a', 1, 900, 902, again1))).toHaveLength(1);
  });

  test('nor may it come a third time: one fault, one more', () => {
    const made = run().wentWell('a', 1, 0).fault(killed(500)).handled('a', 1, 900, 902, again1);
    expect(again(made.handled('a', 1, 950, 952, again1))).toHaveLength(1);
    expect(made.verdict().duplicates.perFault).toEqual([{ inFlight: 1, duplicates: 1 }]);
  });

  test('nor may it come again before the fault', () => {
    const made = run().wentWell('a', 1, 0).handled('a', 1, 400, 402, again1).fault(killed(500));
    expect(again(made)).toHaveLength(1);
  });

  test('a fault of the broker hits everybody, until messages flow again', () => {
    const made = run().wentWell('a', 1, 0).wentWell('a', 2, 100).fault({ beganAt: 150, removedAt: 3_000 });
    made.wentWell('a', 3, 4_000).handled('a', 2, 4_100, 4_102, again1).handled('a', 3, 4_104, 4_106, again1);
    expect(again(made)).toEqual([]);
    expect(again(made.wentWell('a', 4, 9_000).handled('a', 4, 9_100, 9_102, again1))).toHaveLength(1);
  });

  test('a broker that closes one channel after the other may take a message from two members', () => {
    const made = run()
      .wentWell('a', 1, 0)
      .fault({ beganAt: 5, removedAt: 1_000, groups: ['workers'], hitsProducers: false });
    made.handled('a', 1, 900, 902, again1).handled('a', 1, 1_500, 1_502, { group: 'workers' });
    expect(again(made)).toEqual([]);
    expect(made.verdict().duplicates.perFault).toEqual([{ inFlight: 2, duplicates: 2 }]);
    expect(again(made.handled('a', 1, 1_600, 1_602, again1))).toHaveLength(1);
  });

  test('what a group may get again, it may send on again', () => {
    const made = run().wentWell('a', 1, 0);
    made.fault({ ...killed(500), target: 'processors-1', groups: ['processors'] });
    made
      .handled('a', 1, 900, 902, { member: 'processors-2' })
      .handled('a', 1, 904, 906, { group: 'workers', id: 'sent again' });
    expect(again(made)).toEqual([]);
    expect(made.verdict().duplicates.perFault).toEqual([{ inFlight: 2, duplicates: 2 }]);
  });

  test('what it returned may be repeated by its client, too, where its confirmation was under way', () => {
    const made = run().confirmed('a', 1).handled('a', 1, 2, 4).settled('a', 1, 900);
    made.fault({ beganAt: 500, removedAt: 600 }).handled('a', 1, 902, 904, { member: 'processors-2' });
    for (const [at, id] of [
      [4_000, 'once'],
      [4_010, 'repeated'],
      [4_020, 'sent on again'],
    ] as const)
      made.handled('a', 1, at, at + 2, { group: 'workers', id });
    expect(again(made)).toEqual([]);
    expect(again(made.handled('a', 1, 4_030, 4_032, { group: 'workers', id: 'once more' }))).toHaveLength(1);
  });

  test('not where it was confirmed before', () => {
    const made = run().confirmed('a', 1).handled('a', 1, 2, 4).settled('a', 1, 100);
    made.fault({ beganAt: 500, removedAt: 600 }).handled('a', 1, 902, 904, { member: 'processors-2' });
    for (const at of [4_000, 4_010]) made.handled('a', 1, at, at + 2, { group: 'workers', id: `at ${at}` });
    expect(again(made)).toEqual([]);
    expect(again(made.handled('a', 1, 4_020, 4_022, { group: 'workers', id: 'once more' }))).toHaveLength(1);
  });

  test('a send without an answer may be repeated by its client', () => {
    const made = run()
      .confirmed('a', 1, 0)
      .fault({ beganAt: 0, removedAt: 100, repeats: 'sends' })
      .handled('a', 1, 200, 202);
    made.handled('a', 1, 204, 206, { id: 'processors a#1' }).handled('a', 1, 208, 210, { group: 'workers' });
    expect(again(made)).toEqual([]);
  });

  test('where a partition is moved, as often as its leader changes', () => {
    const made = run()
      .confirmed('a', 1, 0)
      .fault({ beganAt: 0, removedAt: 100, repeats: 'sends', times: 2 })
      .handled('a', 1, 200, 202);
    for (const at of [204, 208]) made.handled('a', 1, at, at + 2, { id: 'processors a#1', position: at });
    expect(again(made)).toEqual([]);
    expect(again(made.handled('a', 1, 212, 214, { id: 'processors a#1', position: 212 }))).toHaveLength(1);
  });

  test('a fault that lets everybody wait repeats nothing', () => {
    const made = run().wentWell('a', 1, 0).fault({ beganAt: 5, removedAt: 100, repeats: 'nothing' });
    expect(again(made.handled('a', 1, 200, 202, again1))).toHaveLength(1);
  });

  test('what a handler returned and the broker refused during a fault may be there all the same', () => {
    const refused = () => {
      const made = run().confirmed('a', 1, 0).handled('a', 1, 2, 4);
      made.tell('processors-1', 1, {
        at: 100,
        what: 'retried',
        group: 'processors',
        id: 'processors a#1',
        why: 'full',
      });
      made.handled('a', 1, 110, 112, { attempt: 2 }).handled('a', 1, 114, 116, { group: 'workers' });
      return made.handled('a', 1, 120, 122, { group: 'workers', id: 'from the second attempt' });
    };
    expect(again(refused())).toHaveLength(1);
    expect(again(refused().fault({ beganAt: 50, removedAt: 90, repeats: 'nothing' }))).toEqual([]);
    expect(again(refused().fault({ beganAt: 105, removedAt: 110, repeats: 'nothing' }))).toHaveLength(1);
  });

  test('attempts at one delivery are no duplicates', () => {
    const made = run()
      .confirmed('a', 1)
      .handled('a', 1, 2, 4, { outcome: 'failed' })
      .handled('a', 1, 6, 8, { attempt: 2 });
    expect(again(made.handled('a', 1, 10, 12, { group: 'workers' }))).toEqual([]);
  });

  describe('a dead letter that is being written', () => {
    /** Its last attempt failed long before the fault; its dead letter was confirmed when the fault was over. */
    const cutOff = () =>
      run()
        .confirmed('a', 1, 0)
        .handled('a', 1, 2, 4)
        .handled('a', 1, 10, 12, { group: 'workers', outcome: 'failed' })
        .fault({ beganAt: 8_000, removedAt: 38_000, groups: ['workers'] })
        .buried('a', 1, 38_500);

    test('is in flight, like its message: one comes again, and the other may be written twice', () => {
      const made = cutOff();
      made.handled('a', 1, 41_000, 41_002, { ...again1, outcome: 'failed' });
      made.buried('a', 1, 41_100, 'workers', again1.member).letter('workers', made.letters[0]?.body ?? null);
      expect(again(made)).toEqual([]);
      expect(made.verdict().duplicates.perFault).toEqual([{ inFlight: 2, duplicates: 2 }]);
      expect(again(made.letter('workers', made.letters[0]?.body ?? null))).toHaveLength(1);
    });

    test('is not when it was written before the fault', () => {
      const made = cutOff().fault({ beganAt: 60_000, removedAt: 61_000 });
      made.handled('a', 1, 64_000, 64_002, { ...again1, outcome: 'failed' });
      expect(again(made.buried('a', 1, 64_100, 'workers', again1.member))).toEqual([]);
      expect(made.verdict().duplicates.perFault).toEqual([
        { inFlight: 2, duplicates: 1 },
        { inFlight: 0, duplicates: 0 },
      ]);
    });

    test('is once in flight where only its member was killed: nobody repeats the write', () => {
      const made = run().confirmed('a', 1, 0).handled('a', 1, 2, 4);
      made.handled('a', 1, 10, 12, { group: 'workers', outcome: 'failed' }).sample('workers-1', 7_900, 50);
      made.fault(killed(8_000)).handled('a', 1, 9_000, 9_002, { ...again1, outcome: 'failed' });
      made.buried('a', 1, 9_100, 'workers', again1.member).letter('workers', made.letters[0]?.body ?? null);
      expect(again(made)).toEqual([]);
      expect(made.verdict().duplicates.perFault).toEqual([{ inFlight: 1, duplicates: 1 }]);
    });
  });

  describe('what is done is in hand until it can be committed', () => {
    const hit = (at: number) => ({ ...killed(at), target: 'processors-1', groups: ['processors'] });
    const again3 = { member: 'processors-2' };

    test('what a handler returned may wait for its confirmation for long', () => {
      const made = run().confirmed('a', 1).handled('a', 1, 2, 4).settled('a', 1, 7_500).fault(hit(8_000));
      expect(again(made.handled('a', 1, 9_000, 9_002, again3))).toEqual([]);
      const early = run().confirmed('a', 1).handled('a', 1, 2, 4).settled('a', 1, 5).fault(hit(8_000));
      expect(again(early.handled('a', 1, 9_000, 9_002, again3))).toHaveLength(1);
    });

    test('for ever, where its process was killed before', () => {
      const made = run().confirmed('a', 1).confirmed('a', 2).handled('a', 1, 2, 4).settled('a', 1, 5);
      made.handled('a', 2, 6, 8).sample('processors-1', 7_900, 50).fault(hit(8_000));
      expect(again(made.handled('a', 2, 9_000, 9_002, again3))).toEqual([]);
    });

    test('on a log, what is behind something unfinished waits for that; what is before it does not', () => {
      const made = run().confirmed('a', 1).confirmed('b', 2).confirmed('c', 3);
      made.handled('a', 1, 2, 4).handled('b', 2, 3, 5, { position: 1 }).handled('c', 3, 4, 6, { position: 2 });
      made.settled('a', 1, 7).settled('c', 3, 8).settled('b', 2, 7_500).fault(hit(8_000));
      expect(again(made.handled('c', 3, 9_000, 9_002, { ...again3, position: 2 }))).toEqual([]);
      expect(again(made.handled('a', 1, 9_100, 9_102, again3))).toHaveLength(1);
    });

    test('on a log, what waits behind its key is a gap before anybody has begun it', () => {
      const made = run().confirmed('a', 1).confirmed('a', 2).confirmed('b', 1);
      made.handled('b', 1, 4, 6, { position: 2 }).handled('a', 1, 2, 7_000);
      made.fault(hit(8_000)).handled('a', 2, 7_001, 7_990, { position: 1 });
      expect(again(made.handled('b', 1, 9_000, 9_002, { ...again3, position: 2 }))).toEqual([]);
    });

    test('also where only the next member comes to begin it', () => {
      const made = run().confirmed('a', 1).confirmed('a', 2).confirmed('b', 1);
      made.handled('b', 1, 4, 6, { position: 2 }).handled('a', 1, 2, 4);
      made.fault(hit(8_000)).handled('a', 2, 9_000, 9_001, { ...again3, position: 1 });
      expect(again(made.handled('b', 1, 9_002, 9_003, { ...again3, position: 2 }))).toEqual([]);
      expect(again(made.handled('a', 1, 9_004, 9_005, again3))).toHaveLength(1);
    });

    test('and where it came again, until it is finished again', () => {
      const twice = (secondEnd: number) => {
        const made = run().confirmed('a', 1).confirmed('b', 1);
        made.handled('a', 1, 2, 4).handled('b', 1, 5, 6, { position: 1 }).fault(hit(10));
        made.handled('b', 1, 1_002, 1_003, { position: 1 }).handled('a', 1, 1_000, secondEnd).fault(hit(8_000));
        return again(made.handled('b', 1, 9_000, 9_002, { ...again3, position: 1 }));
      };
      expect(twice(7_500)).toEqual([]);
      expect(twice(1_001)).toHaveLength(1);
    });
  });

  test('a message whose process was gone long before is in nobody’s hand', () => {
    const made = run().confirmed('a', 1, 0).handled('a', 1, 2, 4);
    made.handled('a', 1, 10, 12, { group: 'workers', outcome: 'failed' });
    made.handled('a', 1, 100, 102, again1).fault({ beganAt: 30_000 });
    expect(again(made.handled('a', 1, 40_000, 40_002, again1))).toHaveLength(1);
  });

  test('what a handler returned and nobody took is no second end beside its dead letter', () => {
    const made = run().confirmed('a', 1, 0).handled('a', 1, 2, 4).buried('a', 1, 9, 'processors');
    expect(made.sentences()).toEqual([]);
  });

  test('a message that is buried twice has come twice, also when only the broker tells', () => {
    const failed = () =>
      run()
        .confirmed('a', 1)
        .handled('a', 1, 2, 4)
        .handled('a', 1, 6, 8, { group: 'workers', outcome: 'failed' })
        .buried('a', 1, 9);
    expect(again(failed().buried('a', 1, 900))).toHaveLength(1);
    const silent = failed();
    expect(again(silent.letter('workers', silent.letters[0]?.body ?? null))).toHaveLength(1);
    expect(again(silent.fault(killed(100)))).toEqual([]);
  });
});
