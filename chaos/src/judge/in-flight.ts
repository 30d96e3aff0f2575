import type { Fault } from '../faults/fault';
import type { Moment } from '../ledger/entry';
import type { GroupRule } from './evidence';
import type { Release } from './release';
import type { Handling, Story } from './story';

/** How often each message may come again to each group because of one fault. */
export class InFlight {
  readonly fault: Fault;
  readonly #left = new Map<Story, Map<string, number>>();
  #count = 0;

  constructor(fault: Fault) {
    this.fault = fault;
  }

  /** Deliveries and sends that were in flight, one for each group that could get a message again. */
  get count(): number {
    return this.#count;
  }

  add(story: Story, group: string): void {
    const ofStory = this.#left.get(story) ?? new Map<string, number>();
    this.#left.set(story, ofStory.set(group, (ofStory.get(group) ?? 0) + 1));
    this.#count += 1;
  }

  /** Whether one more may be laid to this fault; then it is. */
  take(story: Story, group: string): boolean {
    const ofStory = this.#left.get(story);
    const left = ofStory?.get(group) ?? 0;
    if (left > 0) ofStory?.set(group, left - 1);
    return left > 0;
  }
}

/** What a client and a broker need to learn of each other after the messages flow again. */
const SETTLING_MS = 2_000;

/**
 * What was in flight at a fault:
 *
 * - a delivery to a member that it hit, which ran at the time, waited for its next attempt or its dead letter, or was done and the
 *   broker may not have known it yet;
 * - a send that had no answer, of a producer or of what a handler returned: the client may repeat it. Whoever reads it may get it
 *   twice;
 * - what a handler returned, and its broker refused while the fault went on: it may be there, in one queue of several, all the same;
 * - a dead letter that had no answer: the same, and then it is there twice;
 * - for the groups behind: what a group may get again, it may send on again.
 *
 * A fault of one member hits what that member had in hand. A fault of the broker, or of the way to it, hits everybody until
 * the messages flow again.
 */
export function inFlightAt(
  fault: Fault,
  overAt: Moment,
  stories: readonly Story[],
  groups: readonly GroupRule[],
  release: Release,
): InFlight {
  const inFlight = new InFlight(fault);
  const hasDeliveries = fault.repeats === 'everything' || fault.repeats === 'deliveries';
  const hasSends = fault.repeats === 'everything' || fault.repeats === 'sends';
  const until = fault.life === undefined ? overAt + SETTLING_MS : overAt;
  for (const story of stories) {
    const again = new Map<string, number>();
    for (const { name, after, uncommittedMs } of groups) {
      let times = after === undefined ? 0 : (again.get(after) ?? 0);
      const from = fault.hitAt - uncommittedMs;
      const inHand = (group: string): number =>
        countInHand(
          story.handlings.filter((each) => wasInHand(each, group, fault, from, until, release)),
          fault.removedAt,
        );
      if (hasDeliveries && fault.groups.includes(name)) times += inHand(name);
      if (hasSends && after === undefined && fault.hitsProducers && wasUnderWay(story, fault.beganAt, until))
        times += fault.times;
      if (hasSends && fault.life === undefined && fault.groups.includes(name))
        times += lettersUnderWay(story, name, fault.beganAt, until);
      // What a handler sends goes out after its work, so at the fault it may have been under way.
      if (!hasDeliveries && hasSends && after !== undefined) times += fault.times * inHand(after);
      // Its client may repeat that, and its message may come again and bring another one.
      if (hasDeliveries && hasSends && after !== undefined && fault.groups.includes(name))
        times += outputsUnderWay(story, after, fault.beganAt, fault.removedAt);
      if (!hasSends && after !== undefined) times += outputsRefused(story, after, fault.beganAt, until);
      again.set(name, times);
      for (let time = 0; time < times; time += 1) inFlight.add(story, name);
    }
  }
  return inFlight;
}

/**
 * Two attempts at one delivery are one; two copies of a message are two. So are two members that had it one after the other while
 * the fault went on: both may have lost it.
 */
function countInHand(handlings: readonly Handling[], removedAt: Moment): number {
  const hands = new Map<string, Set<string>>();
  for (const handling of handlings) {
    const place = placeOf(handling);
    const known = hands.get(place) ?? new Set();
    hands.set(place, known);
    if (handling.startedAt <= removedAt) known.add(`${handling.member}.${handling.life}`);
  }
  return [...hands.values()].reduce((sum, { size }) => sum + Math.max(1, size), 0);
}

function placeOf({ id, partition, position }: Handling): string {
  return `${id} ${partition} ${position}`;
}

function wasInHand(
  handling: Handling,
  group: string,
  fault: Fault,
  from: Moment,
  until: Moment,
  release: Release,
): boolean {
  if (handling.group !== group) return false;
  if (fault.life !== undefined && (handling.member !== fault.target || handling.life !== fault.life)) return false;
  return handling.startedAt <= until && release(handling) >= from;
}

function lettersUnderWay({ burials, refusedBurials }: Story, group: string, began: Moment, until: Moment): number {
  return [...burials, ...refusedBurials].filter(
    (each) => each.group === group && each.from <= until && each.at >= began,
  ).length;
}

function outputsUnderWay({ handlings }: Story, group: string, from: Moment, until: Moment): number {
  return handlings.filter(({ group: other, sentFrom, outcome, endedAt, releasedAt }) => {
    if (other !== group || sentFrom === undefined || sentFrom > until) return false;
    return (outcome === 'done' ? releasedAt : endedAt) >= from;
  }).length;
}

function outputsRefused({ handlings }: Story, group: string, from: Moment, until: Moment): number {
  return handlings.filter(
    ({ group: other, sentFrom, outcome, endedAt }) =>
      other === group && sentFrom !== undefined && outcome === 'failed' && endedAt >= from && endedAt <= until,
  ).length;
}

function wasUnderWay({ send }: Story, from: Moment, until: Moment): boolean {
  return send !== undefined && send.at <= until && send.answeredAt >= from;
}
