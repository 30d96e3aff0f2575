import type { Fault } from '../faults/fault';
import { type Handling, nameOf, type Story } from '../judge/story';
import type { Moment } from '../ledger/entry';
import { clock } from './clock';

interface Line {
  readonly at: Moment;
  readonly text: string;
}

/** Everything known of a message, in the order it happened, with the faults between. */
export function historyOf(story: Story, faults: readonly Fault[], startedAt: Moment): string[] {
  const lines = [...sendLines(story), ...story.handlings.flatMap(handlingLines), ...burialLines(story)];
  const from = Math.min(...lines.map(({ at }) => at)) - 15_000;
  const until = Math.max(...lines.map(({ at }) => at)) + 5_000;
  const between = faults
    .flatMap(({ beganAt, removedAt, name, target, number }) => [
      { at: beganAt, text: `      fault ${number}: ${name} (${target})` },
      { at: removedAt, text: `      fault ${number}: cause gone` },
    ])
    .filter(({ at }) => at >= from && at <= until);
  const all = [...lines, ...between].sort((one, other) => one.at - other.at);
  return [
    `history of ${nameOf(story)}`,
    ...all.map(({ at, text }) => `  ${clock(at - startedAt)}.${micro(at)}  ${text}`),
  ];
}

function sendLines({ send }: Story): Line[] {
  if (send === undefined) return [];
  const { member, life, at, outcome, answeredAt, why } = send;
  const who = `${member}.${life}`;
  const lines = [{ at, text: `${who} sends` }];
  if (outcome === 'open') return [...lines, { at: at + 0.001, text: `${who} got no answer` }];
  return [
    ...lines,
    { at: answeredAt, text: `${who} ${outcome === 'confirmed' ? 'has it confirmed' : `is refused: ${why}`}` },
  ];
}

function handlingLines(handling: Handling): Line[] {
  const { group, member, life, id, partition, position, attempt, startedAt, endedAt, outcome, why } = handling;
  const place = partition === undefined ? '' : ` from ${partition}@${position}`;
  const who = `${group}: ${member}.${life}`;
  const begun = { at: startedAt, text: `${who} begins, attempt ${attempt}, id ${id.slice(0, 8)}${place}` };
  if (outcome === 'open') return [begun];
  return [begun, { at: endedAt, text: `${who} ${outcome === 'done' ? 'is done' : `fails: ${why}`}` }];
}

function burialLines({ burials }: Story): Line[] {
  return burials.map(({ at, group, id }) => ({ at, text: `${group}: dead letter written, id ${id.slice(0, 8)}` }));
}

/** Thousandths of a second within the tenth that the clock shows. */
function micro(at: Moment): string {
  return String(Math.floor(at) % 100).padStart(2, '0');
}
