import { binderNames, faultKindsOf, faultsThatDoNotApply } from '../src/schedule/fault-kind';
import { Random } from '../src/schedule/random';
import { schedule } from '../src/schedule/schedule';

const seeds = Array.from({ length: 50 }, (_, index) => index + 1);

describe.each(binderNames)('the schedule of a run on %s', (binder) => {
  test('is the same for the same seed, and another for another', () => {
    expect(schedule({ binder, seed: 7, minutes: 10 })).toEqual(schedule({ binder, seed: 7, minutes: 10 }));
    expect(schedule({ binder, seed: 7, minutes: 10 })).not.toEqual(schedule({ binder, seed: 8, minutes: 10 }));
  });

  test('has a fault at least every twenty seconds, from the first to the last', () => {
    for (const seed of seeds) {
      const faults = schedule({ binder, seed, minutes: 10 });
      const moments = [0, ...faults.map(({ atSecond }) => atSecond), 600];
      for (const [index, at] of moments.entries()) expect(at - (moments[index - 1] ?? 0)).toBeLessThanOrEqual(24);
      for (const [index, { atSecond }] of faults.entries())
        expect(atSecond - (faults[index - 1]?.atSecond ?? 0)).toBeLessThanOrEqual(20);
    }
  });

  test('has every kind of fault in a long run', () => {
    const names = new Set(schedule({ binder, seed: 1, minutes: 20 }).map(({ kind }) => kind.name));
    expect([...names].sort()).toEqual([...new Set(faultKindsOf(binder).map(({ name }) => name))].sort());
  });

  test('never has two outages at once, and lets each end before the run does', () => {
    for (const seed of seeds) {
      let until = 0;
      for (const { kind, atSecond, forSeconds } of schedule({ binder, seed, minutes: 5 })) {
        expect(atSecond + forSeconds).toBeLessThanOrEqual(300);
        if (!kind.isOutage) continue;
        expect(atSecond).toBeGreaterThanOrEqual(until);
        until = atSecond + forSeconds;
      }
    }
  });

  test('names what it cannot have', () => {
    const known = faultKindsOf(binder).map(({ name }) => name);
    expect(faultsThatDoNotApply(binder).filter((name) => known.includes(name))).toEqual([]);
  });

  test('can be told which faults', () => {
    const only = faultKindsOf(binder)
      .slice(0, 2)
      .map(({ name }) => name);
    const names = new Set(schedule({ binder, seed: 1, minutes: 5, only }).map(({ kind }) => kind.name));
    expect([...names].sort()).toEqual([...only].sort());
  });
});

test('chance is fair, and never leaves its bounds', () => {
  const random = new Random(1);
  const counts = [0, 0, 0];
  for (let draw = 0; draw < 3_000; draw += 1) {
    const drawn = random.between(0, 2);
    counts[drawn] = (counts[drawn] ?? 0) + 1;
  }
  for (const count of counts) expect(count).toBeGreaterThan(900);
  expect(random.shuffled([1, 2, 3, 4]).sort()).toEqual([1, 2, 3, 4]);
  expect(() => random.pick([])).toThrow(RangeError);
});
