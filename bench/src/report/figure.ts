import type { Spread } from '../measure/spread';

/** One line of the table. Candidates are named by what they are: `millrace`, `raw`, `byHand` … */
export interface Figure {
  /** `core.message.cpu`: stable, so that runs can be compared. */
  readonly name: string;
  /** The same for people. */
  readonly title: string;
  readonly unit: 'messages/s' | 'µs' | 'MB' | 'handles';
  /** Medians. */
  readonly millrace: number;
  readonly raw?: number;
  readonly byHand?: number;
  readonly byHandCheckedTwice?: number;
  /** Least and most of each candidate. */
  readonly spread?: Readonly<Record<string, Spread>>;
  /** Time or CPU of Millrace in multiples of the other's; the median of the ratios of neighbouring rounds. */
  readonly ratioToByHand?: number;
  readonly ratioToByHandCheckedTwice?: number;
  readonly ratioToRaw?: number;
  readonly goal?: Goal;
}

export interface Goal {
  /** What of the figure is held against the limit. */
  readonly of: 'ratioToByHand' | 'millrace';
  readonly atMost: number;
  readonly met: boolean;
}

export function goal(of: Goal['of'], value: number, atMost: number): Goal {
  return { of, atMost, met: value <= atMost };
}
