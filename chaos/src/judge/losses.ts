import type { Evidence, GroupRule, Violation } from './evidence';
import type { Letter } from './letter';
import { nameOf, type Story } from './story';

/** A message that a group should have, and has not. */
export interface Loss {
  readonly story: Story;
  readonly group: string;
}

/**
 * Every message that the broker has confirmed, and every other one that somebody was handed, has to be handled by every group, or
 * be in the group's dead letters as they are in the broker. What stays behind in a group does not reach those after it.
 */
export function lossesOf({ stories, letters }: Evidence, groups: readonly GroupRule[]): Loss[] {
  const buried = buriedIn(letters);
  const losses: Loss[] = [];
  for (const story of stories) {
    if (story.send?.outcome !== 'confirmed' && story.handlings.length === 0) continue;
    const isBuried = (group: string): boolean => buried.get(group)?.has(nameOf(story)) ?? false;
    const isDone = (group: string): boolean =>
      story.handlings.some((handling) => handling.group === group && handling.outcome === 'done');
    for (const { name, after } of groups) {
      if (isDone(name) || isBuried(name)) continue;
      if (after !== undefined && (isBuried(after) || !isDone(after))) continue;
      losses.push({ story, group: name });
    }
  }
  return losses;
}

export function lossViolation({ story, group }: Loss): Violation {
  const claim = story.send?.outcome === 'confirmed' ? 'confirmed to its sender' : 'handed over once';
  return {
    invariant: 'nothing is lost',
    sentence: `${nameOf(story)} was ${claim}, and ${group} neither handled it nor have it in their dead letters`,
    story,
  };
}

/** Names of messages in the dead letters of each group. */
export function buriedIn(letters: readonly Letter[]): Map<string, Map<string, number>> {
  const buried = new Map<string, Map<string, number>>();
  for (const letter of letters) {
    const content = contentOf(letter);
    if (content === undefined) continue;
    const names = buried.get(letter.group) ?? new Map<string, number>();
    buried.set(letter.group, names.set(nameOf(content), (names.get(nameOf(content)) ?? 0) + 1));
  }
  return buried;
}

/** Key and number in the body of a dead letter; `undefined` where the body is none of ours. */
export function contentOf({ body }: Letter): { readonly key: string; readonly number: number } | undefined {
  if (body === null) return undefined;
  try {
    const { key, number } = JSON.parse(new TextDecoder().decode(body)) as { key: unknown; number: unknown };
    return typeof key === 'string' && typeof number === 'number' ? { key, number } : undefined;
  } catch {
    return undefined;
  }
}
