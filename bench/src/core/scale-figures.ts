import type { Figure } from '../report/figure';
import { perSecondMeasures } from '../report/measures';
import type { SuiteOptions } from '../suite';
import { atMostTimes, type Comparison, compare, namesOf } from './comparison';

/** More of them may cost so many times as much for each message. */
const MOST_TIMES_ONE = 1.3;
const WARM_UP_MESSAGES = 40_000;
const MESSAGES = { full: 20_000, quick: 5_000 };
const ROUNDS = { full: 7, quick: 3 };

const flat = atMostTimes(MOST_TIMES_ONE, 'millraceOne');

const comparisons: readonly Comparison[] = [
  {
    name: 'core.scale.sinks',
    title: '100 channels with a sink each, beside one',
    workloads: { millrace: 'manySinks', millraceOne: 'oneSink' },
    goals: flat,
  },
  {
    name: 'core.scale.partitions',
    title: '64 partitions, beside one',
    workloads: { millrace: 'manyPartitions', millraceOne: 'onePartition' },
    goals: flat,
  },
  {
    name: 'core.scale.keys',
    title: '`ordering: key`, 10,000 keys, beside 100',
    workloads: { millrace: 'manyKeys', millraceOne: 'fewKeys' },
    goals: { ...flat, '.memory': [{ against: 'millraceOne', atMost: MOST_TIMES_ONE }] },
  },
];

/** A message for a worker thread costs a copy and two changes of thread, so there are fewer of them. */
const threadComparisons: readonly Comparison[] = [
  {
    name: 'core.workers',
    title: 'a handler of nothing in a worker thread, beside one in the thread of the application',
    workloads: { millrace: 'inThread', millraceOne: 'inApplication' },
  },
];
const computingComparisons: readonly Comparison[] = [
  {
    name: 'core.workers.computing',
    title:
      'a handler that computes, in as many threads as there are cores, beside one in the thread of the application',
    workloads: { millrace: 'computingInThreads', millraceOne: 'computingInApplication' },
  },
];

/** The figures, by name. */
export const scaleNames = namesOf([...comparisons, ...threadComparisons, ...computingComparisons], perSecondMeasures);

/** What a message costs where there is much else, and in another thread. */
export async function scaleFigures({ effort, share, wants }: SuiteOptions): Promise<readonly Figure[]> {
  const [messages, rounds] = [MESSAGES[effort], ROUNDS[effort]];
  const computing = { messages: messages / 10, warmUpMessages: 1_000, rounds };
  return [
    ...(await compare(comparisons, perSecondMeasures, {
      messages,
      warmUpMessages: WARM_UP_MESSAGES,
      rounds,
      share,
      wants,
    })),
    ...(await compare(threadComparisons, perSecondMeasures, {
      messages,
      warmUpMessages: 10_000,
      rounds,
      share,
      wants,
    })),
    ...(await compare(computingComparisons, perSecondMeasures, { ...computing, share, wants })),
  ];
}
