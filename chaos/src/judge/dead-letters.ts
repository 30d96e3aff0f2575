import type { Evidence, Rules, Violation } from './evidence';
import type { Letter } from './letter';
import { contentOf } from './losses';
import { nameOf } from './story';

/** Dead letters without a reason, or with other bytes than the message had. */
export function badLetters({ letters, stories }: Evidence, { bytesOf }: Rules): Violation[] {
  const byName = new Map(stories.map((story) => [nameOf(story), story]));
  return letters.flatMap((letter) => {
    const content = contentOf(letter);
    const name = content === undefined ? 'a message nobody has sent' : nameOf(content);
    const problem =
      content === undefined ? 'cannot be read' : problemOf(letter, bytesOf(letter.group, content.key, content.number));
    if (problem === undefined) return [];
    const sentence = `the dead letter of ${letter.group} for ${name} ${problem}`;
    return [{ invariant: 'a dead letter has its reason and its bytes' as const, sentence, story: byName.get(name) }];
  });
}

function problemOf({ body, errorName, errorMessage }: Letter, original: Uint8Array): string | undefined {
  if (!errorName) return 'does not name its error';
  if (!errorMessage) return 'does not say why';
  if (Buffer.compare(body ?? Buffer.alloc(0), original) !== 0) return 'has other bytes than the message';
  return undefined;
}
