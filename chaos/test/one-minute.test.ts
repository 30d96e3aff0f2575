import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownBrokerOrSkip } from '@millrace/brokers';
import type { Report } from '../src/report/report';

const ROOT = join(__dirname, '..', '..');
const PROGRAM = join(ROOT, 'chaos', 'dist', 'main.js');
/** About 80 s on a quiet machine. On a busy one processes and brokers take long to begin. */
const LIMIT_MS = 600_000;
/** Enough to have some in flight at each fault; what these processes cost beside that is taken from the other tests. */
const PER_SECOND = 20;

let folder: string;
const running = new Set<ChildProcess>();

beforeAll(() => {
  // Members are processes of compiled programs; there is nothing to do when they are up to date.
  const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [compiler, '-b', 'chaos'], { cwd: ROOT, stdio: 'inherit' });
  folder = mkdtempSync(join(tmpdir(), 'millrace-one-minute-'));
}, LIMIT_MS);

/** One that took too long ends its brokers and members before it goes. */
afterAll(async () => {
  const ends = [...running].map((run) => once(run, 'close'));
  for (const run of running) run.kill('SIGTERM');
  await Promise.all(ends);
}, LIMIT_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the tool for a minute; what it says stands in the failure. */
async function minuteOf(binder: string, seed: number): Promise<Report> {
  const file = join(folder, `${binder}.json`);
  const args = ['--binder', binder, '--minutes', '1', '--seed', `${seed}`, '--rate', `${PER_SECOND}`, '--json', file];
  const { NODE_ENV: _, ...env } = process.env;
  const run = spawn(process.execPath, [PROGRAM, ...args], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(run);
  let said = '';
  for (const stream of [run.stdout, run.stderr]) stream.on('data', (text) => (said += String(text)));
  const [code] = await once(run, 'close');
  running.delete(run);
  if (code !== 0) throw new Error(said);
  return JSON.parse(readFileSync(file, 'utf8')) as Report;
}

const kafka = ownBrokerOrSkip('kafka');
const rabbitmq = ownBrokerOrSkip('rabbitmq');

/** Two at once: most of the time they wait, but members that begin want the processor. */
const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];

function inLane(place: number, run: () => Promise<void>): Promise<void> {
  const turn = (lanes[place % lanes.length] ?? Promise.resolve()).then(run);
  lanes[place % lanes.length] = turn.catch(() => {});
  return turn;
}

const runs = [
  { binder: 'memory', seed: 2, missing: undefined },
  { binder: 'kafka', seed: 4, missing: kafka },
  { binder: 'rabbitmq', seed: 1, missing: rabbitmq },
  // Both brokers at once: one of the slow tests.
  ...(process.env.MILLRACE_SLOW_TESTS ? [{ binder: 'mixed', seed: 1, missing: kafka ?? rabbitmq }] : []),
];

for (const [place, { binder, seed, missing }] of runs.entries()) {
  const run = missing === undefined ? test.concurrent : test.skip;

  run(
    `a minute of chaos on ${binder}, seed ${seed}, loses nothing, keeps the order, repeats no more than was in flight`,
    () =>
      inLane(place, async () => {
        const report = await minuteOf(binder, seed);
        expect(report).toMatchObject({ binder, seed, minutes: 1, lost: 0, reordered: 0, violations: [] });
        expect(report.confirmed).toBeGreaterThan(300);
        expect(report.handled).toBe(report.confirmed);
        expect(report.deadLettered).toBeGreaterThan(0);
        expect(report.duplicates).toBeLessThanOrEqual(report.duplicatesAllowed);
        expect(report.faults.length).toBeGreaterThanOrEqual(3);
        expect(report.maxRssMb).toBeGreaterThan(0);
      }),
    LIMIT_MS,
  );
}
