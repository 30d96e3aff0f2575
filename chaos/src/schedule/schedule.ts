import { everybody, roleOf } from '../cast/role';
import { type BinderName, type FaultKind, faultKindsOf } from './fault-kind';
import { Random } from './random';

/** One fault to come. */
export interface PlannedFault {
  /** From 1, by time. */
  readonly number: number;
  readonly kind: FaultKind;
  /** Seconds after the messages have begun to flow. */
  readonly atSecond: number;
  readonly forSeconds: number;
  /** A member, or a place in the site such as `node 2`. */
  readonly target: string;
}

export interface ScheduleRequest {
  readonly binder: BinderName;
  readonly seed: number;
  readonly minutes: number;
  /** Names of faults, where not all of them are wanted. */
  readonly only?: readonly string[] | undefined;
}

/** Broker processes of a site. */
const nodes: Readonly<Record<FaultKind['where'], number>> = { processes: 0, memory: 0, kafka: 2, rabbitmq: 1 };

const FIRST_SECOND = 6;
/** Two faults are never further apart than the longest, which is less than twenty seconds. */
const GAP_SECONDS = [9, 17] as const;
/** After an outage things have to recover before the next is counted against them. */
const REST_SECONDS = 14;
/** Before the end, so that a fault has an effect. */
const LAST_SECONDS = 6;
/** A broker that is started again is not back at once. */
const START_SECONDS = 10;
/** Who joins when a member is added. */
const newcomers = ['worker-4', 'processor-3'];

/** The faults of a run: the same for the same request, whatever happens in it. */
export function schedule({ binder, seed, minutes, only }: ScheduleRequest): readonly PlannedFault[] {
  const random = new Random(seed);
  const kinds = faultKindsOf(binder).filter(({ name }) => only === undefined || only.includes(name));
  const end = minutes * 60 - LAST_SECONDS;
  const faults: PlannedFault[] = [];
  const busy = new Map<string, number>();
  let deck: FaultKind[] = [];
  let outageUntil = 0;
  for (let at = FIRST_SECOND; at < end; at += random.between(...GAP_SECONDS)) {
    // A deck is gone through before it is shuffled again, so that a long run has every kind.
    if (deck.length === 0) deck = random.shuffled(kinds);
    const fits = (kind: FaultKind): boolean =>
      at + Math.min(...kind.seconds) <= end && (at >= outageUntil || isOfMember(kind));
    const index = deck.findIndex(fits);
    const spare = kinds.filter((each) => fits(each));
    if (index < 0 && spare.length === 0) continue;
    const kind = index < 0 ? random.pick(spare) : (deck.splice(index, 1)[0] as FaultKind);
    const forSeconds = random.pick(kind.seconds.filter((seconds) => at + seconds <= end || seconds === 0));
    const target = targetOf(kind, random, (member) => (busy.get(member) ?? 0) <= at);
    const over = at + forSeconds + REST_SECONDS + (kind.target === 'node' ? START_SECONDS : 0);
    busy.set(target, over);
    if (kind.isOutage) outageUntil = over;
    faults.push({ number: faults.length + 1, kind, atSecond: at, forSeconds, target });
  }
  return faults;
}

/** Of one member: the broker and the way to it are well. */
function isOfMember({ target }: FaultKind): boolean {
  return ['producer', 'processor', 'consumer', 'newcomer'].includes(target);
}

function targetOf(kind: FaultKind, random: Random, isFree: (member: string) => boolean): string {
  const { target, where } = kind;
  if (target === 'node') return `${where} node ${random.between(1, nodes[where])}`;
  const members = membersFor(target);
  if (members.length === 0) return where === 'memory' ? 'binder' : where;
  const free = members.filter(isFree);
  return random.pick(free.length > 0 ? free : members);
}

function membersFor(target: FaultKind['target']): readonly string[] {
  if (target === 'newcomer') return newcomers;
  return everybody.filter((member) => {
    const role = roleOf(member);
    return target === 'consumer' ? role === 'worker' || role === 'archivist' : role === target;
  });
}
