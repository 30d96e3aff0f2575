import type { Evidence, Rules, Violation } from './evidence';
import { nameOf } from './story';

/** Processes that did not end by themselves in their time, or ended without being asked. */
export function badEndings({ departures }: Evidence, { endSeconds }: Rules): Violation[] {
  return departures.flatMap(({ member, life, how, code, seconds, isForced }) => {
    const who = `${member}.${life}`;
    const say = (sentence: string): Violation[] => [{ invariant: 'a process ends by itself, in its time', sentence }];
    if (how === 'killed') return [];
    if (how === 'alone') return say(`${who} ended with ${code}, and nobody had asked it to`);
    if (isForced) return say(`${who} had to be killed ${seconds.toFixed(1)} s after it was asked to end`);
    if (code !== 0) return say(`${who} ended with ${code} when it was asked to end`);
    return seconds > endSeconds ? say(`${who} took ${seconds.toFixed(1)} s to end, and had ${endSeconds} s`) : [];
  });
}

/** Sends that neither resolved nor rejected although their process ended in peace. */
export function unansweredSends({ stories, departures }: Evidence): Violation[] {
  const peaceful = new Set(
    departures
      .filter(({ how, isForced }) => how === 'drained' && !isForced)
      .map(({ member, life }) => `${member}.${life}`),
  );
  return stories
    .filter(({ send }) => send?.outcome === 'open' && peaceful.has(`${send.member}.${send.life}`))
    .map((story) => ({
      invariant: 'a send has an answer',
      sentence: `the send of ${nameOf(story)} neither resolved nor rejected`,
      story,
    }));
}
