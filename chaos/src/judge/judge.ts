import { deafListeners } from './broadcast';
import { badLetters } from './dead-letters';
import { type Duplicates, duplicatesOf, duplicateViolation } from './duplicates';
import { badEndings, unansweredSends } from './endings';
import type { Evidence, Rules, Violation } from './evidence';
import { lossesOf, lossViolation } from './losses';
import { growths, maxRssMb } from './memory';
import { movedKeys, orderViolation, overtakingsOf } from './order';
import { type Recovery, recoveriesOf } from './recovery';

/** What a run has shown. */
export interface Verdict {
  readonly confirmed: number;
  /** Messages that every group has handled, or has in its dead letters. */
  readonly handled: number;
  readonly lost: number;
  readonly duplicates: Duplicates;
  readonly reordered: number;
  readonly deadLettered: number;
  readonly recoveries: readonly Recovery[];
  readonly maxRssMb: number;
  /** Empty when every invariant holds; the worst first. */
  readonly violations: readonly Violation[];
}

/** Judges a run by its evidence alone: no clock, no broker, no file. */
export function judge(evidence: Evidence, rules: Rules): Verdict {
  const { entries, stories, letters, faults } = evidence;
  const { groups } = rules;
  const losses = lossesOf(evidence, groups);
  const overtakings = overtakingsOf(evidence, groups);
  const recoveries = recoveriesOf(evidence);
  const duplicates = duplicatesOf(evidence, groups, recoveries);
  const confirmed = stories.filter(({ send }) => send?.outcome === 'confirmed');
  const incomplete = new Set(losses.map(({ story }) => story));
  return {
    confirmed: confirmed.length,
    handled: confirmed.filter((story) => !incomplete.has(story)).length,
    lost: losses.length,
    duplicates,
    reordered: overtakings.length,
    deadLettered: letters.length,
    recoveries,
    maxRssMb: maxRssMb(entries),
    violations: [
      ...losses.map(lossViolation),
      ...overtakings.map(orderViolation),
      ...movedKeys(evidence, groups),
      ...duplicates.unexplained.map(duplicateViolation),
      ...badLetters(evidence, rules),
      ...badEndings(evidence, rules),
      ...unansweredSends(evidence),
      ...deafListeners(entries, 'archivist', 'processors'),
      ...growths(entries, rules),
      ...faults.flatMap(({ number, name, target, problem }): Violation[] =>
        problem === undefined
          ? []
          : [{ invariant: 'faults are carried out', sentence: `fault ${number}, ${name} (${target}): ${problem}` }],
      ),
    ],
  };
}
