import type { Moment } from '../ledger/entry';
import type { Evidence, GroupRule, Violation } from './evidence';
import { nameOf, type Story } from './story';

/** A message that was begun while an older one of its key was not finished. */
export interface Overtaking {
  readonly group: string;
  readonly newer: Story;
  readonly older: Story;
}

/**
 * Within a group, a message must not be begun before every older one of its key has been finished once: handled, or buried as
 * a dead letter. What comes again after that may come at any time. Order is promised for messages that share a partition on
 * all of their way; it is not promised for an older one whose send was never confirmed.
 */
export function overtakingsOf({ stories }: Evidence, groups: readonly GroupRule[]): Overtaking[] {
  const byKey = new Map<string, Story[]>();
  for (const story of stories) {
    const known = byKey.get(story.key);
    if (known === undefined) byKey.set(story.key, [story]);
    else known.push(story);
  }
  const overtakings: Overtaking[] = [];
  for (const ofKey of byKey.values()) {
    ofKey.sort((one, other) => one.number - other.number);
    for (const group of groups) overtakings.push(...inGroup(ofKey, group));
  }
  return overtakings;
}

export function orderViolation({ group, newer, older }: Overtaking): Violation {
  return {
    invariant: 'the order of a key is kept',
    sentence: `${group} began ${nameOf(newer)} while ${nameOf(older)} was not finished`,
    story: older,
  };
}

/** Keys that were in two partitions although the number of partitions has not changed. */
export function movedKeys({ stories, faults }: Evidence, groups: readonly GroupRule[]): Violation[] {
  const hasGrown = faults.some(({ name }) => name === 'partitions grown');
  const violations: Violation[] = [];
  for (const { name, after } of groups) {
    if (after === undefined && hasGrown) continue;
    const known = new Map<string, number | undefined>();
    for (const story of stories) {
      for (const { group, partition } of story.handlings) {
        if (group !== name) continue;
        if (known.has(story.key) && known.get(story.key) !== partition) {
          const sentence = `${name} had ${nameOf(story)} in partition ${partition}, others of its key in ${known.get(story.key)}`;
          violations.push({ invariant: 'a key keeps its partition', sentence, story });
        }
        known.set(story.key, partition);
      }
    }
  }
  return violations;
}

function inGroup(ofKey: readonly Story[], { name, after }: GroupRule): Overtaking[] {
  const overtakings: Overtaking[] = [];
  /** On each way: the older message that was finished last. */
  const latest = new Map<string, { readonly story: Story; readonly finishedAt: Moment }>();
  for (const story of ofKey) {
    const way = wayOf(story, after === undefined ? [name] : [after, name]);
    const startedAt = first(story, name)?.startedAt;
    if (way === undefined || startedAt === undefined) continue;
    const before = latest.get(way);
    if (before !== undefined && startedAt < before.finishedAt)
      overtakings.push({ group: name, newer: story, older: before.story });
    const finishedAt = finishOf(story, name);
    if (story.send?.outcome !== 'confirmed' || finishedAt === undefined) continue;
    if (before === undefined || finishedAt > before.finishedAt) latest.set(way, { story, finishedAt });
  }
  return overtakings;
}

/** The partitions it went through; `undefined` where it was in several of one destination, as after growth. */
function wayOf(story: Story, path: readonly string[]): string | undefined {
  const steps: string[] = [];
  for (const name of path) {
    const partitions = new Set(story.handlings.filter(({ group }) => group === name).map(({ partition }) => partition));
    if (partitions.size > 1) return undefined;
    steps.push(String([...partitions][0]));
  }
  return steps.join(' ');
}

function first(story: Story, name: string) {
  let found: Story['handlings'][number] | undefined;
  for (const handling of story.handlings)
    if (handling.group === name && (found === undefined || handling.startedAt < found.startedAt)) found = handling;
  return found;
}

/** When it was finished for the first time. A message that never was is lost, and that is another matter. */
function finishOf(story: Story, name: string): Moment | undefined {
  let finishedAt = Number.POSITIVE_INFINITY;
  for (const { group, outcome, endedAt } of story.handlings)
    if (group === name && outcome === 'done' && endedAt < finishedAt) finishedAt = endedAt;
  for (const { group, at } of story.burials) if (group === name && at < finishedAt) finishedAt = at;
  return finishedAt === Number.POSITIVE_INFINITY ? undefined : finishedAt;
}
