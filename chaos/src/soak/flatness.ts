import type { Told } from '../ledger/entry';
import { isFlat, type Point, type Trend, trendOf } from './trend';

/** What is watched, and the growth over a whole soak that is not worth a word. */
const watched = Object.freeze({
  heapMb: { name: 'heap', unit: 'MB', leastGrowth: 2 },
  rssMb: { name: 'resident', unit: 'MB', leastGrowth: 15 },
  handles: { name: 'handles', unit: '', leastGrowth: 2 },
  files: { name: 'open files', unit: '', leastGrowth: 2 },
});

/** One figure of one process, or of the broker, over the time. */
export interface Flatness {
  readonly who: string;
  readonly what: string;
  readonly unit: string;
  readonly trend: Trend;
  readonly isFlat: boolean;
}

/** A count taken from outside, such as the connections a broker has. */
export interface Count {
  readonly at: number;
  readonly name: string;
  readonly value: number;
}

/** Until then caches fill, code is compiled, and memory rises as it should. */
export function warmUpSeconds(seconds: number): number {
  return Math.max(30, Math.min(180, seconds / 4));
}

/** Judges each process and each count by what it did after the warm-up; `from` and `until` in the clock of the ledgers. */
export function flatnessOf(
  entries: readonly Told[],
  counts: readonly Count[],
  from: number,
  until: number,
): Flatness[] {
  const lives = new Map<string, Map<keyof typeof watched, Point[]>>();
  for (const entry of entries) {
    if (entry.what !== 'sample' || entry.at < from || entry.at > until) continue;
    const who = `${entry.member}.${entry.life}`;
    const series = lives.get(who) ?? new Map<keyof typeof watched, Point[]>();
    lives.set(who, series);
    for (const what of Object.keys(watched) as (keyof typeof watched)[]) {
      const points = series.get(what) ?? [];
      series.set(what, points);
      points.push({ at: entry.at / 1_000, value: entry[what] });
    }
  }
  const ofProcesses = [...lives].flatMap(([who, series]) =>
    [...series].map(([what, points]): Flatness => {
      const { name, unit, leastGrowth } = watched[what];
      const trend = trendOf(points);
      return { who, what: name, unit, trend, isFlat: isFlat(trend, leastGrowth) };
    }),
  );
  const names = new Set(counts.map(({ name }) => name));
  const ofBroker = [...names].map((name): Flatness => {
    const points = counts
      .filter((count) => count.name === name && count.at >= from && count.at <= until)
      .map(({ at, value }) => ({ at: at / 1_000, value }));
    const trend = trendOf(points);
    return { who: 'broker', what: name, unit: '', trend, isFlat: isFlat(trend, 1) };
  });
  return [...ofProcesses, ...ofBroker];
}
