import { type InboundRecord, type Settlement, settlements } from '@millrace/core/spi';
import * as fc from 'fast-check';
import { eventually } from '../test/eventually';
import { text } from '../test/inbox';
import { numbered, type OpenConsumer, openBinder, record, unique } from '../test/open-binder';
import { MemoryBroker } from './memory-broker';

interface Plan {
  readonly partitions: number;
  readonly retention: number;
  readonly prefetch: number;
  /** For each record: its key, if any, and the verdicts it gets before it is acknowledged. */
  readonly records: readonly { readonly key: string | undefined; readonly before: readonly ('requeue' | 'park')[] }[];
  /** After so many deliveries of the group, a member joins or leaves. */
  readonly changes: readonly { readonly after: number; readonly join: boolean }[];
}

const plans: fc.Arbitrary<Plan> = fc.record({
  partitions: fc.integer({ min: 1, max: 5 }),
  retention: fc.integer({ min: 1, max: 40 }),
  prefetch: fc.integer({ min: 1, max: 6 }),
  records: fc.array(
    fc.record({
      key: fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { nil: undefined }),
      before: fc.array(fc.constantFrom('requeue' as const, 'park' as const), { maxLength: 2 }),
    }),
    { maxLength: 60 },
  ),
  changes: fc.array(fc.record({ after: fc.integer({ min: 0, max: 80 }), join: fc.boolean() }), { maxLength: 6 }),
});

const parked: Settlement = { verdict: 'requeue', delayMs: 1 };

/** Runs a plan and checks each delivery as it happens. */
async function run(plan: Plan): Promise<string[]> {
  const broker = new MemoryBroker({ partitions: plan.partitions, retention: { records: plan.retention } });
  const local = await openBinder(broker);
  const destination = unique('plan');
  const faults: string[] = [];
  const open = new Map<string, number>();
  const done = new Map<string, number>();
  const newest = new Map<number, number>();
  const members: (OpenConsumer & { name: number })[] = [];
  const closing: Promise<void>[] = [];
  const changes = [...plan.changes].sort((one, other) => one.after - other.after);
  let deliveries = 0;
  let named = 0;

  const times = new Map<string, number>();
  const checkOrder = ({ partition = 0, position }: InboundRecord, time: number): void => {
    if (time > 1) return;
    const offset = Number(position);
    if (offset !== (newest.get(partition) ?? -1) + 1) faults.push(`${partition}/${offset} out of order`);
    newest.set(partition, offset);
  };
  const checkOwner = (member: number, { partition }: InboundRecord): void => {
    for (const [place, owner] of open) {
      if (owner !== member && place.startsWith(`${partition}/`)) faults.push(`${place} open at two members`);
    }
  };
  const deliver = async (member: number, got: InboundRecord): Promise<Settlement> => {
    const place = `${got.partition}/${got.position}`;
    const time = (times.get(text(got)) ?? 0) + 1;
    times.set(text(got), time);
    checkOrder(got, time);
    checkOwner(member, got);
    if (open.has(place)) faults.push(`${place} open twice`);
    if (done.has(text(got))) faults.push(`${text(got)} came after its acknowledgement`);
    open.set(place, member);
    deliveries += 1;
    while ((changes[0]?.after ?? Number.POSITIVE_INFINITY) <= deliveries) await change(changes.shift()?.join ?? true);
    await new Promise(setImmediate);
    open.delete(place);
    const before = plan.records[Number(text(got))]?.before ?? [];
    const sinceParked = time - 1 - before.slice(0, time - 1).lastIndexOf('park');
    if (got.deliveries !== sinceParked) faults.push(`${text(got)} counts ${got.deliveries}, not ${sinceParked}`);
    const verdict = before[time - 1];
    if (verdict === undefined) done.set(text(got), time);
    return verdict === undefined ? settlements.ack : verdict === 'park' ? parked : settlements.requeue;
  };
  const change = async (join: boolean): Promise<void> => {
    const leaving = join || members.length < 2 ? undefined : members.shift();
    if (leaving !== undefined) closing.push(leaving.close());
    else {
      const name = named++;
      const request = { group: 'g', prefetch: plan.prefetch, deliver: (got: InboundRecord) => deliver(name, got) };
      members.push({ ...(await local.consumer(destination, request)), name });
    }
  };

  await change(true);
  const producer = await local.producer(destination);
  for (const [index, { key }] of plan.records.entries()) await producer.send(record(String(index), { key }));
  await eventually(() => expect(broker.lag(destination, 'g')).toBe(0));
  await Promise.all([...closing, ...members.map((member) => member.close())]);
  await local.binder.close();
  await broker.close();
  for (const name of numbered(plan.records.length)) {
    const expected = (plan.records[Number(name)]?.before.length ?? 0) + 1;
    if (done.get(name) !== expected) faults.push(`${name} acknowledged at ${done.get(name)}, not at ${expected}`);
  }
  return faults;
}

test('whatever is requeued and parked, whoever comes and goes: each record once, each partition in order and at one member', async () => {
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => {
      expect(await run(plan)).toEqual([]);
    }),
    { numRuns: 150 },
  );
});
