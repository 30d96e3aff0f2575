export type BinderName = 'memory' | 'kafka' | 'rabbitmq' | 'mixed';
export const binderNames: readonly BinderName[] = Object.freeze(['memory', 'kafka', 'rabbitmq', 'mixed']);

/** What a fault is done to. `node`: a broker process. `network`: the way to a broker. */
export type TargetKind = 'producer' | 'processor' | 'consumer' | 'newcomer' | 'node' | 'network' | 'broker' | 'binder';

/** A way things go wrong. */
export interface FaultKind {
  readonly name: string;
  readonly target: TargetKind;
  /** Where it can happen: with members as processes, with this broker, or in memory. */
  readonly where: 'processes' | 'kafka' | 'rabbitmq' | 'memory';
  /** How long it lasts, in seconds; one is drawn. 0: a moment. */
  readonly seconds: readonly number[];
  /** What may happen again because of it. `everything`: deliveries, and sends that their client repeats. */
  readonly repeats: 'everything' | 'deliveries' | 'sends' | 'nothing';
  /** How often it can make a client repeat one send. 1 where nothing is said. */
  readonly times?: number | undefined;
  /** Nobody can send or receive meanwhile: only members may fail beside it, and not more than that. */
  readonly isOutage: boolean;
  /** Groups that it touches, where these are not all on its broker. */
  readonly groups?: readonly string[] | undefined;
}

type Traits = Pick<FaultKind, 'repeats' | 'times' | 'isOutage' | 'groups'>;

const ofMember: Traits = { repeats: 'deliveries', isOutage: false };
const outage: Traits = { repeats: 'everything', isOutage: true };
const disturbance = (repeats: FaultKind['repeats']): Traits => ({ repeats, isOutage: false });
/** Everybody waits, and nothing is done twice. */
const standstill: Traits = { repeats: 'nothing', isOutage: true };

function faultKind(
  where: FaultKind['where'],
  name: string,
  target: TargetKind,
  seconds: readonly number[],
  traits: Traits,
): FaultKind {
  return Object.freeze({ name, target, where, seconds: Object.freeze(seconds), ...traits });
}

/** `hard`: the word for an end without a drain. */
const ofMembers = (where: 'processes' | 'memory', hard: string): FaultKind[] => [
  faultKind(where, `consumer ${hard}`, 'consumer', [1, 3], ofMember),
  faultKind(where, `processor ${hard}`, 'processor', [1, 3], ofMember),
  faultKind(where, `producer ${hard}`, 'producer', [1], ofMember),
  faultKind(where, 'consumer drained', 'consumer', [0], ofMember),
  faultKind(where, 'processor drained', 'processor', [0], ofMember),
  faultKind(where, 'producer drained', 'producer', [0], ofMember),
  faultKind(where, 'member added', 'newcomer', [8], ofMember),
];

const members = [
  ...ofMembers('processes', 'killed'),
  faultKind('processes', 'consumer frozen', 'consumer', [5, 14], ofMember),
];

const network = (where: 'kafka' | 'rabbitmq'): FaultKind[] => [
  faultKind(where, 'broker killed', 'node', [0, 3], outage),
  faultKind(where, 'connections cut', 'network', [1, 1, 30], outage),
  faultKind(where, 'connections reset', 'network', [0], disturbance('everything')),
  faultKind(where, 'connections stalled', 'network', [1, 30], outage),
  faultKind(where, 'requests stalled', 'network', [5], outage),
  faultKind(where, 'answers stalled', 'network', [5], outage),
  faultKind(where, 'connections slow', 'network', [8], disturbance('nothing')),
];

const kafka = [
  // A partition that is moved changes its leader's term twice, when the new copy joins and when the old one goes: each time what is
  // in the log already may be answered by a refusal.
  faultKind('kafka', 'leaders moved', 'broker', [0], { ...disturbance('sends'), times: 2 }),
  faultKind('kafka', 'leader unavailable', 'node', [8], outage),
  faultKind('kafka', 'coordinator moved', 'broker', [0], disturbance('deliveries')),
  faultKind('kafka', 'partitions grown', 'broker', [0], disturbance('deliveries')),
];

const rabbitmq = [
  faultKind('rabbitmq', 'memory alarm', 'broker', [5], standstill),
  faultKind('rabbitmq', 'consumers cancelled', 'broker', [0], {
    ...disturbance('deliveries'),
    groups: Object.freeze(['archivists']),
  }),
  faultKind('rabbitmq', 'channels closed', 'broker', [0], disturbance('everything')),
  faultKind('rabbitmq', 'broadcast queue deleted', 'broker', [0], disturbance('nothing')),
];

const memory = [
  ...ofMembers('memory', 'halted'),
  faultKind('memory', 'settlements lost', 'binder', [2], { repeats: 'deliveries', isOutage: true }),
  faultKind('memory', 'sends refused', 'binder', [1], { repeats: 'deliveries', isOutage: true }),
  faultKind('memory', 'sends held', 'binder', [1, 5], standstill),
  faultKind('memory', 'dead letters refused', 'binder', [2], disturbance('nothing')),
];

const all = [...members, ...network('kafka'), ...network('rabbitmq'), ...kafka, ...rabbitmq, ...memory];

const places: Readonly<Record<BinderName, readonly FaultKind['where'][]>> = {
  memory: ['memory'],
  kafka: ['processes', 'kafka'],
  rabbitmq: ['processes', 'rabbitmq'],
  mixed: ['processes', 'kafka', 'rabbitmq'],
};

/** The faults of a run on this binder. */
export function faultKindsOf(binder: BinderName): readonly FaultKind[] {
  return all.filter(({ where }) => places[binder].includes(where));
}

/** Names of faults that a run on this binder cannot have. */
export function faultsThatDoNotApply(binder: BinderName): readonly string[] {
  const there = new Set(faultKindsOf(binder).map(({ name }) => name));
  return [...new Set(all.map(({ name }) => name))].filter((name) => !there.has(name));
}
