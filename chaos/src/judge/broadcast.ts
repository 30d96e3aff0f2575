import type { Moment, Told } from '../ledger/entry';
import type { Violation } from './evidence';

/** A listener may need that long to be there again. */
const RETURN_MS = 30_000;
/** Listeners tell every second what they have heard. */
const LATE_MS = 5_000;

/** Lives of a broadcast consumer that were deaf when the last messages were sent, long after everything was well. */
export function deafListeners(entries: readonly Told[], listener: string, source: string): Violation[] {
  const lives = new Map<number, { runningAt: Moment; heardAt: Moment }>();
  let lastSentAt = 0;
  for (const entry of entries) {
    if (entry.what === 'done' && entry.group === source) lastSentAt = Math.max(lastSentAt, entry.at);
    if (!entry.member.startsWith(listener)) continue;
    if (entry.what === 'running') lives.set(entry.life, { runningAt: entry.at, heardAt: 0 });
    const life = lives.get(entry.life);
    if (entry.what === 'heard' && life !== undefined) life.heardAt = Math.max(life.heardAt, entry.at);
  }
  const last = [...lives].at(-1);
  if (last === undefined || lastSentAt - last[1].runningAt < RETURN_MS) return [];
  if (last[1].heardAt >= lastSentAt - LATE_MS) return [];
  return [
    {
      invariant: 'a broadcast is heard again',
      sentence: `${listener}, life ${last[0]}, heard nothing in the last ${((lastSentAt - last[1].heardAt) / 1_000).toFixed(0)} s before the last message`,
    },
  ];
}
