import { Deliveries, numbers, text, textOf, unique } from '@millrace/binder-test-suite';
import { type OwnRabbitmq, startRabbitmq } from '@millrace/brokers';
import { type InboundRecord, type Settlement, settlements } from '@millrace/core/spi';
import { BackDoor } from './back-door';
import { Rig } from './rig';

let rabbitmq: OwnRabbitmq;
let backDoor: BackDoor;
let rig: Rig;

beforeAll(async () => {
  rabbitmq = await startRabbitmq();
  backDoor = new BackDoor(rabbitmq.url);
}, 120_000);
beforeEach(() => {
  rig = new Rig({ url: rabbitmq.url });
});
afterEach(() => rig.close());
afterAll(async () => {
  await backDoor?.close();
  await rabbitmq?.stop();
});

/** Sets a record aside for as long as its text says, and takes it when it comes back. Remembers how long each was away. */
function laterInbox(rungs = 1) {
  const away = new Map<string, number[]>();
  const leftAt = new Map<string, number>();
  const inbox = new Deliveries((record): Settlement => {
    const name = textOf(record);
    const left = leftAt.get(name);
    if (left !== undefined) away.set(name, [...(away.get(name) ?? []), performance.now() - left]);
    const used = Number(record.headers.millrace_rungs ?? 0);
    if (used === rungs) return settlements.ack;
    leftAt.set(name, performance.now());
    const headers = { ...record.headers, millrace_attempts: used + 1, millrace_rungs: used + 1 };
    return { verdict: 'requeue', delayMs: Number(name.split(' ')[0]), headers };
  });
  return { inbox, away };
}

it('D13 not before the delay, soon after it, and a long one holds up none of the shorter', async () => {
  const orders = unique('orders');
  const { inbox, away } = laterInbox();
  await rig.consumer(orders, { delays: [100, 2_000], prefetch: 2, deliver: inbox.deliver });
  const producer = await rig.producer(orders);
  const delays = [2_000, 100, 700, 30, 100];
  for (const [index, delay] of delays.entries()) await producer.send(text(`${delay} ${index}`));
  await inbox.until(10);
  expect(inbox.texts.slice(5).at(-1)).toBe('2000 0');
  for (const [name, [time = 0]] of away) {
    const delay = Number(name.split(' ')[0]);
    expect({ name, isEarly: time < delay }).toEqual({ name, isEarly: false });
    expect(time).toBeLessThan(delay * 1.1 + 1_500);
  }
});

it('a message comes back with key, headers, time and place, and the count of its attempts', async () => {
  const orders = unique('orders');
  const { inbox } = laterInbox(2);
  await rig.consumer(orders, { delays: [50], native: { partitionCount: 2 }, deliver: inbox.deliver });
  const producer = await rig.producer(orders, { partitionCount: 2 });
  const timestamp = new Date('2026-01-02T03:04:05.678Z');
  const headers = { contentType: 'a/b', millrace_id: 'm', table: 7, when: timestamp, priority: 3 };
  await producer.send(text('50', { headers, key: 'k', partition: 1, timestamp }));
  const [first, ...others] = await inbox.until(3);
  for (const [index, other] of others.entries()) {
    expect(other.headers).toEqual({ ...first?.headers, millrace_attempts: index + 1, millrace_rungs: index + 1 });
    expect(placeOf(other)).toEqual(placeOf(first as InboundRecord));
  }
  expect(first).toMatchObject({ key: 'k', partition: 1, timestamp, deliveries: 1 });
});

it('only the group that asked gets it again', async () => {
  const orders = unique('orders');
  const { inbox } = laterInbox();
  const other = new Deliveries();
  await rig.consumer(orders, { delays: [50], deliver: inbox.deliver });
  await rig.consumer(orders, { delays: [50], deliver: other.deliver });
  await (await rig.producer(orders)).send(text('50'));
  await inbox.until(2);
  expect(other.texts).toEqual(['50']);
});

it('a thousand set aside take no place of the prefetch, and all come back', async () => {
  const orders = unique('orders');
  const { inbox } = laterInbox();
  await rig.consumer(orders, { delays: [500], prefetch: 4, deliver: inbox.deliver });
  const producer = await rig.producer(orders);
  const names = numbers(1_000).map((each) => `500 ${each}`);
  await Promise.all(names.map((each) => producer.send(text(each))));
  await inbox.until(2_000, 60_000);
  expect(new Set(inbox.texts)).toEqual(new Set(names));
}, 90_000);

it('a broadcast keeps nothing at the broker: its delays are waited for in memory', async () => {
  const orders = unique('orders');
  const { inbox, away } = laterInbox();
  await rig.consumer(orders, { group: undefined, delays: [100], deliver: inbox.deliver });
  await (await rig.producer(orders)).send(text('100'));
  await inbox.until(2);
  expect(away.get('100')?.[0]).toBeGreaterThanOrEqual(100);
});

it('queues for other delays go when they are used no more, and are made again when they are gone', async () => {
  const orders = unique('orders');
  const { inbox } = laterInbox();
  await rig.consumer(orders, { group: 'g', deliver: inbox.deliver });
  const producer = await rig.producer(orders);
  await producer.send(text('200'));
  await inbox.until(2);
  const later = await rabbitmq.management('GET', `/api/queues/%2F/${orders}.g.later.200`);
  expect(later).toMatchObject({ durable: true, arguments: { 'x-message-ttl': 200, 'x-expires': 600_400 } });
  await backDoor.use((channel) => channel.deleteQueue(`${orders}.g.later.200`));
  await producer.send(text('200 again'));
  await inbox.until(4);
});

it('what is set aside is not finished before the broker has it there', async () => {
  const orders = unique('orders');
  await (await rig.producer(orders, { requiredGroups: ['g'] })).send(text('one'));
  // A broker that is short of memory takes acknowledgements, and no messages.
  {
    await using _alarm = await rabbitmq.memoryAlarm();
    await using leaving = new Rig({ url: rabbitmq.url });
    const inbox = new Deliveries(({ headers }) => ({ verdict: 'requeue', delayMs: 200, headers }));
    await leaving.consumer(orders, { group: 'g', delays: [200], deliver: inbox.deliver });
    await inbox.until(1);
  }
  const again = new Deliveries();
  await rig.consumer(orders, { group: 'g', delays: [200], deliver: again.deliver });
  await again.until(1);
  // The alarm is switched by a program that takes seconds, on a busy machine many.
}, 60_000);

it('a configured queue that somebody deletes is made again', async () => {
  const orders = unique('orders');
  const { inbox } = laterInbox();
  await rig.consumer(orders, { group: 'g', delays: [200], deliver: inbox.deliver });
  await backDoor.use((channel) => channel.deleteQueue(`${orders}.g.retry.200`));
  await (await rig.producer(orders)).send(text('200'));
  await inbox.until(2);
});

it('where nothing may be declared, delays that are not configured are waited for in memory', async () => {
  const orders = unique('orders');
  await (await rig.producer(orders, { requiredGroups: ['g'] })).close();
  const { inbox, away } = laterInbox();
  await rig.consumer(orders, { group: 'g', native: { provision: 'verify' }, deliver: inbox.deliver });
  await (await rig.producer(orders)).send(text('300'));
  await inbox.until(2);
  expect(away.get('300')?.[0]).toBeGreaterThanOrEqual(300);
  expect(await backDoor.exists(`${orders}.g.later.300`)).toBe(false);
});

it.each(['classic', 'quorum'])(
  'K10 D18 messages set aside in %s queues outlive the broker and the consumer',
  async (queueType) => {
    const orders = unique('orders');
    const { inbox } = laterInbox();
    const native = { queueType };
    const former = new Rig({ url: rabbitmq.url });
    const setAside = new Deliveries((record) => ({ verdict: 'requeue', delayMs: 3_000, headers: record.headers }));
    const leaving = await former.consumer(orders, { group: 'g', native, delays: [3_000], deliver: setAside.deliver });
    const producer = await rig.producer(orders);
    const startedAt = Date.now();
    for (const each of numbers(20)) await producer.send(text(`0 ${each}`, { headers: { millrace_rungs: 1 } }));
    await setAside.until(20);
    await leaving.close();
    await former.close();
    await rabbitmq.restart();
    await rig.consumer(orders, { group: 'g', native, delays: [3_000], deliver: inbox.deliver });
    await inbox.until(20, 60_000);
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(3_000);
    expect(inbox.texts.sort()).toEqual(
      numbers(20)
        .map((each) => `0 ${each}`)
        .sort(),
    );
    expect(await backDoor.depth(`${orders}.g.retry.3000`)).toBe(0);
  },
  120_000,
);

function placeOf({ destination, partition, key, timestamp }: InboundRecord) {
  return { destination, partition, key, timestamp };
}
