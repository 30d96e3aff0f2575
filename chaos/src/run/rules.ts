import { Label } from '../cast/label';
import { Parcel } from '../cast/parcel';
import type { GroupRule, Rules } from '../judge/evidence';
import type { BinderName } from '../schedule/fault-kind';

type Broker = 'memory' | 'kafka' | 'rabbitmq';

/** The broker that each group reads from. */
const brokersOf: Readonly<Record<BinderName, Readonly<Record<string, Broker>>>> = {
  memory: { processors: 'memory', workers: 'memory', archivists: 'memory' },
  kafka: { processors: 'kafka', workers: 'kafka', archivists: 'kafka' },
  rabbitmq: { processors: 'rabbitmq', workers: 'rabbitmq', archivists: 'rabbitmq' },
  mixed: { processors: 'kafka', workers: 'rabbitmq', archivists: 'rabbitmq' },
};

/** How long a broker may not know yet what is done: between the end of a handler and its acknowledgement, with Kafka's commit interval. */
const uncommittedMs: Readonly<Record<Broker, number>> = { memory: 250, kafka: 5_000, rabbitmq: 1_000 };

export const DRAIN_SECONDS = 30;

export function groupRules(binder: BinderName): readonly GroupRule[] {
  const rule = (name: string, after: string | undefined): GroupRule => {
    const broker = brokersOf[binder][name] ?? 'memory';
    return { name, after, uncommittedMs: uncommittedMs[broker], isLog: broker === 'kafka' };
  };
  return [rule('processors', undefined), rule('workers', 'processors'), rule('archivists', 'processors')];
}

/** Groups that a fault of this broker disturbs. Where labels cannot be sent, parcels are not finished. */
export function groupsOn(binder: BinderName, broker: string): readonly string[] {
  const groups = Object.keys(brokersOf[binder]);
  if (binder === 'mixed' && broker === 'kafka') return ['processors'];
  return groups;
}

export function rulesFor(binder: BinderName, maxRssMb: number): Rules {
  return {
    groups: groupRules(binder),
    endSeconds: DRAIN_SECONDS + 5,
    maxRssMb,
    bytesOf: (group, key, number) => {
      const parcel = Parcel.of(key, number);
      return Buffer.from(JSON.stringify(group === 'processors' ? parcel : Label.of(parcel)));
    },
  };
}
