import { type Effort, interleave } from '../measure/interleave';
import { type Spread, spreadOf } from '../measure/spread';
import type { Sample } from '../measure/workload';
import { type Figure, goal } from '../report/figure';

/** Issue's limit: Millrace may take this many times as long as the libraries called by hand. */
const MOST_TIMES_BY_HAND = 1.5;

/** A comparison: which workload is Millrace's, and which ones it is held against. */
interface Comparison {
  readonly name: string;
  readonly title: string;
  readonly millrace: string;
  readonly byHand: string;
  readonly raw?: string;
  readonly byHandCheckedTwice?: string;
  readonly hasGoal?: true;
}

const comparisons: readonly Comparison[] = [
  {
    name: 'core.message',
    title: 'send to handled, async handler, 1,000 in flight',
    millrace: 'millrace',
    byHand: 'byHand',
    byHandCheckedTwice: 'byHandCheckedTwice',
    raw: 'raw',
    hasGoal: true,
  },
  {
    name: 'core.message.window100',
    title: 'the same, 100 in flight',
    millrace: 'millraceWindow100',
    byHand: 'byHand',
    byHandCheckedTwice: 'byHandCheckedTwice',
    raw: 'raw',
  },
  {
    name: 'core.message.sync',
    title: 'sync handler',
    millrace: 'millraceSync',
    byHand: 'byHand',
    byHandCheckedTwice: 'byHandCheckedTwice',
    raw: 'raw',
  },
  {
    name: 'core.unchecked',
    title: 'validate: false',
    millrace: 'millraceUnchecked',
    byHand: 'byHandUnchecked',
    raw: 'raw',
  },
  {
    name: 'core.batch',
    title: 'batch sink, lists of 100',
    millrace: 'millraceBatch',
    byHand: 'byHand',
    byHandCheckedTwice: 'byHandCheckedTwice',
    raw: 'raw',
  },
  {
    name: 'core.process',
    title: 'processor, output confirmed',
    millrace: 'millraceProcessor',
    byHand: 'byHandProcessor',
  },
];

type Candidate = 'millrace' | 'raw' | 'byHand' | 'byHandCheckedTwice';
type Samples = ReadonlyMap<string, readonly Sample[]>;

/** Messages per second, CPU and peak memory of Millrace and of the same work by hand. */
export async function speedFigures(effort: Effort): Promise<readonly Figure[]> {
  const names = new Set(comparisons.flatMap((one) => [one.millrace, one.byHand, one.raw, one.byHandCheckedTwice]));
  const workloads = [...names].filter((name) => name !== undefined);
  const samples = await interleave(require.resolve('./workloads'), workloads, effort);
  return comparisons.flatMap((comparison) => figuresOf(comparison, samples));
}

function figuresOf(comparison: Comparison, samples: Samples): Figure[] {
  const { name, title, hasGoal } = comparison;
  const rate = measuresOf(comparison, samples, ({ perSecond }) => perSecond);
  const cpu = measuresOf(comparison, samples, ({ cpuMicros }) => cpuMicros);
  const memory = measuresOf(comparison, samples, ({ peakMegabytes }) => peakMegabytes);
  // Time per message is what is compared, so a higher rate is a lower ratio.
  const rateRatios = ratiosOf(rate, (own, other) => other / own);
  const cpuRatios = ratiosOf(cpu, (own, other) => own / other);
  const goalOf = (ratio = 0) => (hasGoal ? { goal: goal('ratioToByHand', ratio, MOST_TIMES_BY_HAND) } : {});
  return [
    { name, title, unit: 'messages/s', ...medians(rate), ...rateRatios, ...goalOf(rateRatios.ratioToByHand) },
    {
      name: `${name}.cpu`,
      title: `${title}: CPU`,
      unit: 'µs',
      ...medians(cpu),
      ...cpuRatios,
      ...goalOf(cpuRatios.ratioToByHand),
    },
    { name: `${name}.memory`, title: `${title}: peak memory`, unit: 'MB', ...medians(memory) },
  ];
}

type Measures = { readonly millrace: readonly number[] } & { readonly [C in Candidate]?: readonly number[] };

function measuresOf(comparison: Comparison, samples: Samples, read: (sample: Sample) => number): Measures {
  const of = (workload: string): number[] => (samples.get(workload) ?? []).map(read);
  const { millrace, byHand, byHandCheckedTwice, raw } = comparison;
  return {
    millrace: of(millrace),
    byHand: of(byHand),
    ...(byHandCheckedTwice !== undefined && { byHandCheckedTwice: of(byHandCheckedTwice) }),
    ...(raw !== undefined && { raw: of(raw) }),
  };
}

function medians(measures: Measures): { millrace: number; spread: Record<string, Spread> } {
  const spread = Object.fromEntries(Object.entries(measures).map(([name, values]) => [name, spreadOf(values)]));
  const middle = Object.fromEntries(Object.entries(spread).map(([name, { median }]) => [name, median]));
  return { ...(middle as { millrace: number }), spread };
}

function ratiosOf(
  { millrace, byHand, byHandCheckedTwice, raw }: Measures,
  ratio: (own: number, other: number) => number,
): Pick<Figure, 'ratioToByHand' | 'ratioToByHandCheckedTwice' | 'ratioToRaw'> {
  const median = (others: readonly number[]): number =>
    spreadOf(millrace.map((own, round) => ratio(own, others[round] as number))).median;
  return {
    ...(byHand && { ratioToByHand: median(byHand) }),
    ...(byHandCheckedTwice && { ratioToByHandCheckedTwice: median(byHandCheckedTwice) }),
    ...(raw && { ratioToRaw: median(raw) }),
  };
}
