import type { Contender, Rival } from '../report/contenders';
import type { GoalLimit } from '../report/figure';
import type { Measure } from '../report/measures';
import type { Task, WorkKind } from './task';

/** What is done, whatever the broker. */
export interface Work {
  /** `consume.1`; with the broker's name before it, the figure's. */
  readonly name: string;
  /** The same for people. */
  readonly title: string;
  readonly kind: WorkKind;
  readonly task?: Partial<Task>;
  /** Messages of a round. */
  readonly messages: { readonly full: number; readonly quick: number };
  readonly measures: readonly Measure[];
  /** A process for each round. */
  readonly freshProcesses?: boolean;
}

/** The same on a broker: who takes part, and what is wanted of Millrace. */
export interface BrokerWork extends Work {
  /** With the share of the messages that each gets: slow ones would take minutes. */
  readonly contenders: { readonly [C in Contender]?: number };
  /** By the suffix of the measure. */
  readonly goals?: Goals;
}

export type Goals = Readonly<Record<string, readonly GoalLimit[]>>;

/** `{ against: 'raw', atLeast: 0.8 }` for the figure of the work itself. */
export function atLeast(limits: { readonly [R in Rival]?: number }): Goals {
  return {
    '': Object.entries(limits).map(([against, limit]) => ({ against: against as Rival, atLeast: limit })),
  };
}
