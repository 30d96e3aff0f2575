import { interleave } from '../measure/interleave';
import type { Sample } from '../measure/workload';
import { type Figure, figureOf, type GoalLimit, type Measured } from '../report/figure';
import { perSecondMeasures } from '../report/measures';
import type { Effort } from '../suite';

/** Millrace may take this many times as long as the libraries called by hand, by the clock and by CPU time. */
const MOST_TIMES_BY_HAND = 1.5;
const goals: Readonly<Record<string, readonly GoalLimit[]>> = {
  '': [{ against: 'byHand', atLeast: 1 / MOST_TIMES_BY_HAND }],
  '.cpu': [{ against: 'byHand', atMost: MOST_TIMES_BY_HAND }],
};

/** Short rounds need as long a warm-up: what has not been compiled well yet flatters whoever is compared with it. */
const WARM_UP_MESSAGES = 40_000;
const MESSAGES = { full: 20_000, quick: 5_000 };
const ROUNDS = { full: 7, quick: 3 };

/** A comparison: which workload is Millrace's, and which ones it is held against. */
interface Comparison {
  readonly name: string;
  readonly title: string;
  readonly workloads: { readonly [C in keyof Measured]: string };
  readonly hasGoal?: true;
}

const besides = { byHand: 'byHand', byHandCheckedTwice: 'byHandCheckedTwice', raw: 'raw' };

const comparisons: readonly Comparison[] = [
  {
    name: 'core.message',
    title: 'send to handled, async handler, 1,000 in flight',
    workloads: { millrace: 'millrace', ...besides },
    hasGoal: true,
  },
  {
    name: 'core.message.window100',
    title: 'the same, 100 in flight',
    workloads: { millrace: 'millraceWindow100', ...besides },
  },
  { name: 'core.message.sync', title: 'sync handler', workloads: { millrace: 'millraceSync', ...besides } },
  {
    name: 'core.unchecked',
    title: 'validate: false',
    workloads: { millrace: 'millraceUnchecked', byHand: 'byHandUnchecked', raw: 'raw' },
  },
  {
    name: 'core.batch',
    title: 'batch sink, lists of 100',
    workloads: { millrace: 'millraceBatch', ...besides },
  },
  {
    name: 'core.process',
    title: 'processor, output confirmed',
    workloads: { millrace: 'millraceProcessor', byHand: 'byHandProcessor' },
  },
];

/** Messages per second, CPU and peak memory of Millrace and of the same work by hand. */
export async function speedFigures(effort: Effort): Promise<readonly Figure[]> {
  const names = new Set(comparisons.flatMap(({ workloads }) => Object.values(workloads)));
  const candidates = [...names].map((name) => ({
    name,
    program: { module: require.resolve('./workloads'), factory: name },
    messages: MESSAGES[effort],
    warmUpMessages: WARM_UP_MESSAGES,
  }));
  const samples = await interleave(candidates, {
    rounds: ROUNDS[effort],
    progress: (text) => console.error(`  ${text}`),
  });
  return comparisons.flatMap((comparison) => figuresOf(comparison, samples));
}

function figuresOf(comparison: Comparison, samples: ReadonlyMap<string, readonly Sample[]>): Figure[] {
  const { name, title, workloads, hasGoal } = comparison;
  return perSecondMeasures.map(({ suffix, words, unit, read }) => {
    const measured: Measured = Object.fromEntries(
      Object.entries(workloads).map(([contender, workload]) => [contender, samples.get(workload)?.map(read) ?? []]),
    );
    const facts = { name: name + suffix, title: title + words, unit, goals: hasGoal ? (goals[suffix] ?? []) : [] };
    return figureOf(facts, measured);
  });
}
