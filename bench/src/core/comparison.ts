import { interleave } from '../measure/interleave';
import type { Sample } from '../measure/workload';
import type { Rival } from '../report/contenders';
import { type Figure, figureOf, type GoalLimit, type Measured } from '../report/figure';
import type { Measure } from '../report/measures';

/** Which workload is Millrace's, and which ones it is held against. */
export interface Comparison {
  readonly name: string;
  readonly title: string;
  readonly workloads: { readonly [C in keyof Measured]: string };
  /** By the suffix of a measure. */
  readonly goals?: Readonly<Record<string, readonly GoalLimit[]>>;
}

/** By the clock and by CPU time: Millrace may take so many times as long as another. */
export function atMostTimes(times: number, against: Rival): NonNullable<Comparison['goals']> {
  return { '': [{ against, atLeast: 1 / times }], '.cpu': [{ against, atMost: times }] };
}

export function namesOf(comparisons: readonly Comparison[], measures: readonly Measure[]): readonly string[] {
  return comparisons.flatMap(({ name }) => measures.map(({ suffix }) => name + suffix));
}

export interface Extent {
  readonly messages: number;
  readonly warmUpMessages: number;
  readonly rounds: number;
  /** Of the messages, of warm-up too. */
  readonly share: number;
  /** Whether figures whose names begin so are wanted. */
  readonly wants: (name: string) => boolean;
}

/** Runs every workload that the comparisons name, each once however many name it. */
export async function compare(
  comparisons: readonly Comparison[],
  measures: readonly Measure[],
  { messages, warmUpMessages, rounds, share, wants }: Extent,
): Promise<readonly Figure[]> {
  const wanted = comparisons.filter((comparison) => namesOf([comparison], measures).some(wants));
  const names = new Set(wanted.flatMap(({ workloads }) => Object.values(workloads)));
  const candidates = [...names].map((name) => ({
    name,
    program: { module: require.resolve('./workloads'), factory: name },
    messages: Math.ceil(messages * share),
    warmUpMessages: Math.ceil(warmUpMessages * share),
  }));
  const samples = await interleave(candidates, { rounds, progress: (text) => console.error(`  ${text}`) });
  return wanted.flatMap((comparison) => figuresOf(comparison, measures, samples));
}

function figuresOf(
  { name, title, workloads, goals = {} }: Comparison,
  measures: readonly Measure[],
  samples: ReadonlyMap<string, readonly Sample[]>,
): Figure[] {
  return measures.map(({ suffix, words, unit, read }) => {
    const measured: Measured = Object.fromEntries(
      Object.entries(workloads).map(([contender, workload]) => [contender, samples.get(workload)?.map(read) ?? []]),
    );
    return figureOf({ name: name + suffix, title: title + words, unit, goals: goals[suffix] ?? [] }, measured);
  });
}
