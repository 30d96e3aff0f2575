import { setTimeout as sleep } from 'node:timers/promises';
import { Deliveries, unique, until } from '@millrace/binder-test-suite';
import { Channel, Millrace } from '@millrace/core';
import { IsString } from 'class-validator';
import { binder } from '../src/index';
import { BackDoor } from './back-door';
import { springRecords } from './fixture';
import { Rig } from './rig';
import { itOnSharedKafka as it, sharedBrokers } from './with-kafka';

@Channel('drinks')
class Drink {
  @IsString() name!: string;
}

const drink = (name: string): Drink => Object.assign(new Drink(), { name });

let backDoor: BackDoor;

beforeAll(() => {
  backDoor = new BackDoor(sharedBrokers);
});
afterAll(() => backDoor?.close());

async function application(topic: string, consumer: object = {}) {
  const app = await Millrace.create({
    config: {
      app: 'bar',
      binders: { kafka: { type: 'kafka', brokers: sharedBrokers } },
      defaultBinder: 'kafka',
      bindings: {
        drinks: {
          destination: topic,
          consumer: { concurrency: 8, ordering: 'none', retry: { maxAttempts: 1 }, ...consumer },
        },
      },
    },
    binders: [binder],
    logger: false,
  });
  await app.start();
  return app;
}

it('a handler that throws a TypeError a thousand times: alive, all dead-lettered, positions committed', async () => {
  const topic = unique('drinks');
  const group = unique('bar');
  const app = await application(topic);
  let calls = 0;
  await app.sink(Drink, { group }, () => {
    calls += 1;
    const nothing = undefined as unknown as { brew(): void };
    nothing.brew();
  });
  await Promise.all(Array.from({ length: 1_000 }, (_, index) => app.send(Drink, drink(`drink ${index}`))));
  await until(() => calls === 1_000, 30_000);
  expect(app.health().status).toBe('up');
  await app.stop();
  expect(await backDoor.records(`error.${topic}.${group}`)).toHaveLength(1_000);
  const [offsets] = await (await backDoor.admin()).fetchOffsets({ groupId: group, topics: [topic] });
  const ends = await (await backDoor.admin()).fetchTopicOffsets(topic);
  for (const { partition, offset } of ends.filter(({ high }) => high !== '0'))
    expect(offsets?.partitions.find((each) => each.partition === partition)?.offset).toBe(offset);
}, 60_000);

it('a poison record in the middle of a partition: dead letter with its bytes, the partition goes on', async () => {
  const topic = unique('drinks');
  const group = unique('bar');
  const app = await application(topic);
  const names: string[] = [];
  await app.sink(Drink, { group }, ({ name }) => void names.push(name));
  await app.send(Drink, drink('before'));
  for (const payload of ['{', '', '\u0000', '{"name":5}', 'null'])
    await backDoor.publish(topic, { payload: Buffer.from(payload), headers: { spring_json_header_types: 'broken' } });
  await app.send(Drink, drink('after'));
  await until(() => names.includes('after'));
  await sleep(300);
  await app.stop();
  const letters = await backDoor.records(`error.${topic}.${group}`);
  expect(letters.map(({ payload }) => String(payload)).sort()).toEqual(['', '\u0000', 'null', '{', '{"name":5}']);
}, 60_000);

it('J2 a record that does not move: the health is down and says so; with a timeout it is dead-lettered, and its partition goes on', async () => {
  const topic = unique('drinks');
  const [stuck, limited] = [unique('stuck'), unique('limited')];
  const app = await application(topic, { health: { stalledAfter: '500ms' } });
  const bar = await application(topic, { timeout: '300ms' });
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const names: string[] = [];
  const outcomes: string[] = [];
  bar.events.on('delivery', ({ outcome }) => outcomes.push(outcome));
  await app.sink(Drink, { group: stuck }, () => held);
  await bar.sink(Drink, { group: limited }, ({ name }) => (name === 'endless' ? held : void names.push(name)));
  const key = 'one';
  for (const name of ['endless', 'next']) await app.send(Drink, drink(name), { key });
  const reasons = (): string =>
    app
      .health()
      .bindings.filter(({ stalled }) => stalled)
      .map((binding) => `${binding.status} ${binding.reasons}`)
      .join();
  await until(() => reasons() !== '', 20_000, reasons);
  expect(reasons()).toMatch(/^down /);
  await until(() => names.includes('next'));
  expect(app.health().status).toBe('down');
  // Both wait for one promise: released before its time was over, 'endless' would have been handled.
  await until(() => outcomes.includes('deadLetter'));
  release();
  await until(() => app.health().status === 'up');
  await Promise.all([app.stop(), bar.stop()]);
  const letters = await backDoor.records(`error.${topic}.${limited}`);
  expect(letters.map(({ payload }) => JSON.parse(String(payload)).name)).toEqual(['endless']);
  expect(await backDoor.records(`error.${topic}.${stuck}`)).toEqual([]);
}, 60_000);

it('records that Spring wrote are read back, from the wire, with key, body and headers', async () => {
  const topic = unique('spring');
  const rig = new Rig({ brokers: sharedBrokers });
  const records = ['pojo', 'headers', 'mime', 'keyed', 'tombstone', 'text', 'bytes'].flatMap((name) => [
    ...springRecords(name).values(),
  ]);
  const inbox = new Deliveries();
  await rig.consumer(topic, { deliver: inbox.deliver });
  for (const { key, value, headers } of records.flat()) await backDoor.publishRaw(topic, { key, value, headers });
  await inbox.until(records.flat().length);
  const bodies = (all: readonly { payload?: Uint8Array | null; value?: Buffer | null }[]): string[] =>
    all.map(({ payload, value }) => String(payload ?? value ?? null)).sort();
  expect(bodies(inbox.records)).toEqual(bodies(records.flat()));
  for (const record of inbox.records) expect(record.headers.contentType).toMatch(/^[a-z]+\/[^"]+$/);
  await rig.close();
}, 40_000);
