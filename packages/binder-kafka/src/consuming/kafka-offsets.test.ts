import fc from 'fast-check';
import { OffsetTracker } from './kafka-offsets';

const record = (offset: number) => ({ offset: String(offset) });
const newTracker = () =>
  new OffsetTracker((taken: { offset: string }) => ({ record: taken, isFinished: false, isSettled: false }));

it('commits nothing before the first record that is not finished', () => {
  const tracker = newTracker();
  tracker.append([record(5), record(6), record(9)], '12');
  const [five, six, nine] = [tracker.take(), tracker.take(), tracker.take()];
  expect(tracker.take()).toBeUndefined();
  if (six) tracker.finish(six);
  expect(tracker.committable).toBe('5');
  if (five) tracker.finish(five);
  expect(tracker.committable).toBe('9');
  if (nine) tracker.finish(nine);
  // Behind the last record: gaps of control records and compaction are passed too.
  expect(tracker.committable).toBe('12');
});

it('J1 for any order of finishing, the position is that of the first unfinished record', () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('append' as const),
      count: fc.integer({ min: 0, max: 40 }),
      gap: fc.integer({ min: 0, max: 3 }),
    }),
    fc.record({ kind: fc.constant('take' as const), count: fc.integer({ min: 1, max: 60 }) }),
    fc.record({ kind: fc.constant('finish' as const), which: fc.nat(), count: fc.integer({ min: 1, max: 60 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const tracker = newTracker();
      const unfinished = new Set<number>();
      const open: NonNullable<ReturnType<typeof tracker.take>>[] = [];
      let next = 0;
      let isKnown = false;
      for (const each of steps) {
        if (each.kind === 'append') {
          const records = Array.from({ length: each.count }, (_, index) => record(next + index));
          for (const { offset } of records) unfinished.add(Number(offset));
          next += each.count + each.gap;
          isKnown = true;
          tracker.append(records, String(next));
        } else if (each.kind === 'take') {
          for (let n = 0; n < each.count; n += 1) {
            const taken = tracker.take();
            if (taken !== undefined) open.push(taken);
          }
        } else {
          for (let n = 0; n < each.count && open.length > 0; n += 1) {
            const [entry] = open.splice(each.which % open.length, 1);
            if (entry === undefined) break;
            unfinished.delete(Number(entry.record.offset));
            tracker.finish(entry);
          }
        }
        const expected = unfinished.size > 0 ? Math.min(...unfinished) : next;
        expect(tracker.committable).toBe(isKnown ? String(expected) : undefined);
      }
    }),
  );
});
