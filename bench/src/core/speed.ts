import type { Figure } from '../report/figure';
import { perSecondMeasures } from '../report/measures';
import type { SuiteOptions } from '../suite';
import { atMostTimes, type Comparison, compare, namesOf } from './comparison';

/** Millrace may take this many times as long as the libraries called by hand, by the clock and by CPU time. */
const MOST_TIMES_BY_HAND = 1.5;
/** Short rounds need as long a warm-up: what has not been compiled well yet flatters whoever is compared with it. */
const WARM_UP_MESSAGES = 40_000;
const MESSAGES = { full: 20_000, quick: 5_000 };
const ROUNDS = { full: 7, quick: 3 };

const besides = { byHand: 'byHand', byHandCheckedTwice: 'byHandCheckedTwice', raw: 'raw' };

const comparisons: readonly Comparison[] = [
  {
    name: 'core.message',
    title: 'send to handled, async handler, 1,000 in flight',
    workloads: { millrace: 'millrace', ...besides },
    goals: atMostTimes(MOST_TIMES_BY_HAND, 'byHand'),
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

/** The figures, by name. */
export const speedNames = namesOf(comparisons, perSecondMeasures);

/** Messages per second, CPU and peak memory of Millrace and of the same work by hand. */
export function speedFigures({ effort, share, wants }: SuiteOptions): Promise<readonly Figure[]> {
  const extent = { messages: MESSAGES[effort], warmUpMessages: WARM_UP_MESSAGES, rounds: ROUNDS[effort], share, wants };
  return compare(comparisons, perSecondMeasures, extent);
}
