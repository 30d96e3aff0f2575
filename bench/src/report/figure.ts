import { type Spread, spreadOf } from '../measure/spread';
import { type Contender, contenderNames, type Rival } from './contenders';

export type Unit = 'messages/s' | 'µs' | 'ms' | 'MB' | 'kB' | '×' | 'handles';

/** `ratioToRaw` …: Millrace divided by the other, in the figure's unit; the median of the ratios of neighbouring rounds. */
type Ratios = { readonly [R in Rival as `ratioTo${Capitalize<R>}`]?: number };
type Medians = { readonly [R in Rival]?: number };

/** One line of the table. */
export interface Figure extends Medians, Ratios {
  /** `core.message.cpu`: stable, so that runs can be compared. */
  readonly name: string;
  /** The same for people. */
  readonly title: string;
  readonly unit: Unit;
  readonly millrace: number;
  /** Middle, least and most of each contender. */
  readonly spread?: { readonly [C in Contender]?: Spread };
  readonly goal?: Goal;
  readonly furtherGoals?: readonly Goal[];
}

export interface GoalLimit {
  /** The ratio to this one is meant; without it Millrace's own value. */
  readonly against?: Rival;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Goal extends GoalLimit {
  readonly value: number;
  readonly met: boolean;
}

/** Measurements of each contender, a number for each round, in the order of the rounds. */
export type Measured = { readonly [C in Contender]?: readonly number[] };

export interface FigureFacts {
  readonly name: string;
  readonly title: string;
  readonly unit: Unit;
  readonly goals?: readonly GoalLimit[];
}

export function figureOf({ name, title, unit, goals = [] }: FigureFacts, measured: Measured): Figure {
  const own = measured.millrace ?? [];
  const present = contenderNames.filter((each) => (measured[each]?.length ?? 0) > 0);
  const spread = Object.fromEntries(present.map((each) => [each, spreadOf(measured[each] ?? [])]));
  const medians = Object.fromEntries(present.map((each) => [each, spread[each]?.median ?? 0]));
  const rivals = present.filter((each) => each !== 'millrace');
  const ratios = new Map(rivals.map((rival) => [rival, ratioOf(own, measured[rival] ?? [])]));
  const [goal, ...further] = goals
    .filter(({ against }) => against === undefined || ratios.has(against))
    .map((limit) => goalOf(limit, limit.against === undefined ? medians.millrace : ratios.get(limit.against)));
  return {
    name,
    title,
    unit,
    ...(medians as { millrace: number }),
    ...Object.fromEntries([...ratios].map(([rival, ratio]) => [`ratioTo${capitalized(rival)}`, ratio])),
    ...(goal !== undefined && { goal }),
    ...(further.length > 0 && { furtherGoals: further }),
    spread,
  };
}

/** Of a figure that was measured once. */
export function singleFigure(facts: FigureFacts, millrace: number): Figure {
  const { spread: _, ...figure } = figureOf(facts, { millrace: [millrace] });
  return figure;
}

export function goalsOf({ goal, furtherGoals = [] }: Figure): readonly Goal[] {
  return goal === undefined ? [] : [goal, ...furtherGoals];
}

/** Whether the goal is met, or missed by no more than so many times. */
export function isMetWithin({ value, atLeast, atMost }: Goal, margin: number): boolean {
  return (
    value >= (atLeast ?? Number.NEGATIVE_INFINITY) / margin && value <= (atMost ?? Number.POSITIVE_INFINITY) * margin
  );
}

function ratioOf(own: readonly number[], other: readonly number[]): number {
  return spreadOf(own.map((value, round) => value / (other[round] as number))).median;
}

function goalOf(limit: GoalLimit, value = Number.NaN): Goal {
  const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = limit;
  return { ...limit, value, met: value >= atLeast && value <= atMost };
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
