// npm test: install, build, lint, types, ratios, jest. Every stage before jest counts as one test of the total.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linters } from './lint.mjs';
import { startBrokers } from './test-brokers.mjs';
import { build, buildBench, foreground, install, printCounts, root, step, tool } from './workspace.mjs';

const HELP = `npm test                       everything: install, build, lint, types, ratios, jest
npm test -- --only <stage,…>   only these stages: ${['build', ...Object.keys(linters), 'types', 'ratios', 'jest'].join(', ')}
npm test -- <jest arguments>   only jest, with these arguments: npm test -- retry -t "gives up"`;

// Quick to measure, and what every message pays. docs/benchmarks.md says what they are.
const WATCHED_FIGURES = ['codec.decode.cpu', 'codec.encode.cpu', 'core.message.cpu', 'core.scale.sinks.cpu'];

const counts = { passed: 0, failed: 0, skipped: 0 };
const args = process.argv.slice(2);

if (args.includes('--help')) {
  console.log(HELP);
} else {
  await run(
    args[0] === '--only' ? (args[1]?.split(',') ?? []) : undefined,
    args[0] === '--only' ? args.slice(2) : args,
  );
  printCounts(counts);
  process.exitCode = counts.failed > 0 ? 1 : 0;
}

async function run(only, jestArgs) {
  const stages = {
    build,
    ...Object.fromEntries(Object.entries(linters).map(([name, command]) => [name, () => step(name, command())])),
    types: () => step('types', tool('typescript', ['-p', 'tsconfig.test.json'], 'tsc')),
    ratios,
    jest: () => jest(jestArgs),
  };
  const chosen = only ?? (jestArgs.length > 0 ? ['jest'] : Object.keys(stages));
  const unknown = chosen.filter((name) => !(name in stages));
  if (unknown.length > 0 || chosen.length === 0) {
    console.log(`Unknown stage ${unknown.join(', ')}\n${HELP}`);
    counts.failed += 1;
    return;
  }
  // Nothing runs without its dependencies, and what is not compiled has nothing to say to the others.
  const pending = ['install', ...chosen];
  let brokers;
  while (pending.length > 0) {
    const name = pending.shift();
    // Brokers need their time to start; meanwhile the other stages run.
    if (name !== 'install' && chosen.includes('jest')) brokers ??= startBrokers(jestArgs);
    if (name === 'jest') Object.assign(process.env, await brokers?.environment);
    const passed = await (name === 'install' ? install : stages[name])();
    if (name === 'jest') await brokers?.close();
    if (passed !== undefined) counts[passed ? 'passed' : 'failed'] += 1;
    if (passed === false && (name === 'install' || name === 'build')) {
      await brokers?.close();
      console.log(`not run: ${pending.join(', ')}`);
      counts.skipped += pending.length;
      return;
    }
  }
}

/** Whether a message has become dear: processor time beside that of code without Millrace, measured in the same minute. */
async function ratios() {
  if (!(await buildBench())) return false;
  mkdirSync(join(root, '.cache'), { recursive: true });
  const figures = WATCHED_FIGURES.flatMap((name) => ['--figure', name]);
  const limits = [
    '--only',
    'core',
    '--quick',
    '--share',
    '0.3',
    '--margin',
    '2',
    '--json',
    join(root, '.cache', 'ratios.json'),
  ];
  return step('ratios', [process.execPath, join(root, 'bench', 'dist', 'main.js'), ...limits, ...figures]);
}

/** Runs jest in the foreground and adds its tests to the counts. A file that cannot run is a failed test. */
async function jest(jestArgs) {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-jest-'));
  const report = join(folder, 'report.json');
  const exitCode = await foreground(tool('jest', [...jestArgs, '--json', `--outputFile=${report}`]));
  const failedBefore = counts.failed;
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    counts.passed += result.numPassedTests;
    counts.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
    counts.skipped += result.numPendingTests + result.numTodoTests;
  } catch {
    console.log('jest left no report');
  }
  if (exitCode !== 0 && counts.failed === failedBefore) counts.failed += 1;
  rmSync(folder, { recursive: true });
}
