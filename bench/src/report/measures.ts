import type { Sample } from '../measure/workload';
import type { Unit } from './figure';

/** One thing that is read off a round; each makes a line of the table. */
export interface Measure {
  /** Added to the name of the work. */
  readonly suffix: '' | `.${string}`;
  /** Added to its title. */
  readonly words: string;
  readonly unit: Unit;
  read(sample: Sample): number;
}

export const perSecondMeasures: readonly Measure[] = [
  { suffix: '', words: '', unit: 'messages/s', read: ({ perSecond }) => perSecond },
  { suffix: '.cpu', words: ': CPU', unit: 'µs', read: ({ cpuMicros }) => cpuMicros },
  { suffix: '.memory', words: ': peak memory', unit: 'MB', read: ({ peakMegabytes }) => peakMegabytes },
];

/** What the workload has measured itself, by its name. */
export function ownMeasure(name: string, words: string, unit: Unit): Measure {
  return {
    suffix: `.${name}`,
    words: `: ${words}`,
    unit,
    read: ({ own }) => own[name] ?? Number.NaN,
  };
}
