import type { Figure } from '../report/figure';
import { perSecondMeasures } from '../report/measures';
import type { SuiteOptions } from '../suite';
import { atMostTimes, type Comparison, compare, namesOf } from './comparison';

const MESSAGES = { full: 300_000, quick: 100_000 };
const ROUNDS = { full: 9, quick: 5 };
const WARM_UP_MESSAGES = 200_000;

const comparisons: readonly Comparison[] = [
  {
    name: 'codec.decode',
    title: 'bytes to a class, built and checked',
    workloads: { millrace: 'decode', byHand: 'decodeByHand', raw: 'parse' },
    goals: atMostTimes(1.6, 'byHand'),
  },
  {
    name: 'codec.encode',
    title: 'a class to bytes, checked',
    workloads: { millrace: 'encode', byHand: 'encodeByHand', raw: 'stringify' },
    goals: atMostTimes(1.5, 'raw'),
  },
];
/** There is nothing that could pile up. */
const measures = perSecondMeasures.filter(({ unit }) => unit !== 'MB');

/** The figures, by name. */
export const codecNames = namesOf(comparisons, measures);

/** What a codec costs, without anything around it. */
export function codecFigures({ effort, share, wants }: SuiteOptions): Promise<readonly Figure[]> {
  const extent = { messages: MESSAGES[effort], warmUpMessages: WARM_UP_MESSAGES, rounds: ROUNDS[effort], share, wants };
  return compare(comparisons, measures, extent);
}
