import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KeyedSenders, textOf, unique, until } from '@millrace/binder-test-suite';
import { type OwnKafka, startKafka } from '@millrace/brokers';
import { BackDoor } from './back-door';
import { Rig } from './rig';
import { copy, transform } from './transform';
import { itOnOwnKafka as it } from './with-kafka';

let kafka: OwnKafka;
let backDoor: BackDoor;

beforeAll(async () => {
  kafka = await startKafka({ proxied: true });
  backDoor = new BackDoor(kafka.directBrokers);
}, 120_000);
afterAll(async () => {
  await backDoor?.close();
  await kafka?.stop();
});

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const isBuilt = existsSync(join(__dirname, '..', 'dist', 'index.js'));
const itWithProcesses = isBuilt ? it : (it.skip as jest.It);

function newRig(): Rig {
  const rig = new Rig({ brokers: kafka.brokers, metadataMaxAge: '1s', requestTimeout: '3s' });
  cleanUps.push(() => rig.close());
  return rig;
}

/** Orders that flow, and what became of them. */
async function stream(rig: Rig) {
  const names = { from: unique('orders'), to: unique('receipts'), group: unique('tills') };
  const into = await rig.producer(names.from, { partitionCount: 4 });
  const out = await rig.producer(names.to, { partitionCount: 4 });
  const traffic = new KeyedSenders(into, { keys: 10, pauseMs: 10 });
  cleanUps.push(() => traffic.end());
  return { ...names, out, traffic };
}

const bodies = async (topic: string, uncommitted = false): Promise<string[]> =>
  (await backDoor.records(topic, { uncommitted })).map(({ payload }) => String(payload));

/**
 * What was read from one partition stands in the same of the other, once and in the same order, for those who leave out what was
 * not committed. An input that was itself written twice, when its answer was lost, counts as two.
 */
async function eachIsOne(
  traffic: KeyedSenders,
  { from, to }: { from: string; to: string },
  what: string,
): Promise<void> {
  await traffic.end();
  const inputs = await backDoor.records(from);
  const deadline = Date.now() + 60_000;
  while ((await bodies(to)).length < inputs.length && Date.now() < deadline) await sleep(200);
  await sleep(500);
  const outputs = await backDoor.records(to);
  const written = await backDoor.records(to, { uncommitted: true });
  process.stdout.write(`${what}: ${inputs.length} inputs, ${outputs.length} outputs, ${written.length} written\n`);
  for (const each of [0, 1, 2, 3]) {
    const of = (all: typeof inputs): string[] =>
      all.filter(({ partition }) => partition === each).map(({ payload }) => String(payload));
    expect(of(outputs)).toEqual(of(inputs));
  }
  expect(new Set(inputs.map(({ payload }) => String(payload)))).toEqual(new Set(traffic.confirmed));
}

/** A member in a process of its own. */
async function member(task: { from: string; to: string; group: string; workMs: number }): Promise<ChildProcess> {
  const argument = JSON.stringify({ ...task, brokers: kafka.brokers });
  const child = spawn(process.execPath, [join(__dirname, 'transform-child.cjs'), argument], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  cleanUps.push(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const [word] = await once(child.stdout as NodeJS.ReadableStream, 'data');
  expect(String(word)).toBe('ready\n');
  return child;
}

describe('J12 a member that was thought dead', () => {
  itWithProcesses(
    'a process that slept through a rebalance commits nothing when it wakes',
    async () => {
      const { traffic, ...names } = await stream(newRig());
      const sleeper = await member({ ...names, workMs: 5 });
      await traffic.flows(300);
      await sleep(500);
      sleeper.kill('SIGSTOP');
      await member({ ...names, workMs: 5 });
      await traffic.flows(300);
      sleeper.kill('SIGCONT');
      await traffic.flows(600);
      await eachIsOne(traffic, names, 'a sleeper');
    },
    120_000,
  );
});

describe('J10, J11 under failures', () => {
  it('connections that are cut in the middle of transactions', async () => {
    const rig = newRig();
    const { from, to, group, out, traffic } = await stream(rig);
    await transform(rig, from, out, copy, { group, concurrency: 4, prefetch: 64 });
    await traffic.flows(200);
    for (let cut = 0; cut < 10; cut += 1) {
      kafka.proxy.drop();
      await sleep(300 + 70 * cut);
    }
    await eachIsOne(traffic, { from, to }, 'ten cuts');
    await until(() => rig.trouble === undefined);
  }, 120_000);

  it('the broker killed and started again in the middle of transactions; told, and well again', async () => {
    const rig = newRig();
    const { from, to, group, out, traffic } = await stream(rig);
    await transform(rig, from, out, async (of) => [textOf(of)], { group, concurrency: 4, prefetch: 64 });
    for (let death = 0; death < 3; death += 1) {
      await traffic.flows(200);
      await kafka.kill();
      await sleep(500);
      await kafka.restart();
    }
    await traffic.flows(200);
    expect(rig.troubles.some((each) => /transaction|answer|broker/.test(each?.message ?? ''))).toBe(true);
    const flowedAt = Date.now();
    await eachIsOne(traffic, { from, to }, 'three deaths of the broker');
    process.stdout.write(`judged ${Date.now() - flowedAt} ms after the last order\n`);
    await until(() => rig.trouble === undefined);
  }, 240_000);

  itWithProcesses(
    'processes killed in the middle of transactions, again and again',
    async () => {
      const { traffic, ...names } = await stream(newRig());
      const members = [await member({ ...names, workMs: 3 }), await member({ ...names, workMs: 3 })];
      for (let death = 0; death < 6; death += 1) {
        await sleep(900 + 137 * death);
        members.shift()?.kill('SIGKILL');
        members.push(await member({ ...names, workMs: 3 }));
      }
      await eachIsOne(traffic, names, 'six deaths of members');
    },
    240_000,
  );
});
