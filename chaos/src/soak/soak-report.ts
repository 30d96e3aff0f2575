import type { Verdict } from '../judge/judge';
import type { BinderName } from '../schedule/fault-kind';
import type { Flatness } from './flatness';

/** What `npm run soak -- --json` writes. */
export interface SoakReport {
  readonly binder: BinderName;
  readonly minutes: number;
  readonly confirmed: number;
  readonly handled: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly reordered: number;
  readonly deadLettered: number;
  readonly maxRssMb: number;
  readonly trends: readonly TrendReport[];
  /** Sentences; empty when everything is flat and every invariant holds. */
  readonly violations: readonly string[];
}

interface TrendReport {
  readonly who: string;
  readonly what: string;
  readonly mean: number;
  /** From the end of the warm-up to the end of the load. */
  readonly growth: number;
  readonly noise: number;
  readonly flat: boolean;
}

export function soakReportOf(
  facts: { readonly binder: BinderName; readonly minutes: number },
  verdict: Verdict,
  flatness: readonly Flatness[],
): SoakReport {
  const { confirmed, handled, lost, reordered, deadLettered, duplicates } = verdict;
  const broken = verdict.violations.map(({ invariant, sentence }) => `${invariant}: ${sentence}`);
  const growing = flatness
    .filter(({ isFlat }) => !isFlat)
    .map(({ who, what, unit, trend }) => `${who}: ${what} grew by ${trend.growth.toFixed(1)} ${unit}`.trimEnd());
  return {
    ...facts,
    confirmed,
    handled,
    lost,
    duplicates: duplicates.count,
    reordered,
    deadLettered,
    maxRssMb: Math.round(verdict.maxRssMb),
    trends: flatness.map(({ who, what, trend, isFlat }) => ({
      who,
      what,
      mean: tenths(trend.mean),
      growth: tenths(trend.growth),
      noise: tenths(trend.noise),
      flat: isFlat,
    })),
    violations: [...broken, ...growing],
  };
}

/** A table for people: one line a process, one column a figure, as `mean (growth)`. */
export function soakTable({ trends }: SoakReport): string[] {
  const columns = [...new Set(trends.map(({ what }) => what))];
  const cell = (who: string, what: string): string => {
    const trend = trends.find((each) => each.who === who && each.what === what);
    if (trend === undefined) return '';
    return `${trend.mean} (${trend.growth > 0 ? '+' : ''}${trend.growth})${trend.flat ? '' : ' GROWS'}`;
  };
  const rows = [...new Set(trends.map(({ who }) => who))].map((who) => [
    who,
    ...columns.map((what) => cell(who, what)),
  ]);
  const table = [['', ...columns], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
