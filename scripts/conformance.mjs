// npm run conformance -- --binder <name> [--json]: which promises of the binder contract does this binder keep?
// One line for each test of packages/binder-<name>/test/conformance*.test.ts, sorted by its id (C2, D1, …). A real broker
// that they need is started for them.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startBrokers } from './test-brokers.mjs';
import { build, install, printCounts, run, tool, workspaces } from './workspace.mjs';

const { values } = parseArgs({ options: { binder: { type: 'string' }, json: { type: 'boolean', default: false } } });
const suites = workspaces('packages')
  .map((folder) => ({ name: folder.match(/binder-([^/\\]+)$/)?.[1], files: conformanceFiles(join(folder, 'test')) }))
  .filter(({ name, files }) => name && files.length > 0);

const suite = suites.find(({ name }) => name === values.binder);
if (suite === undefined) {
  console.error(`npm run conformance -- --binder <${suites.map(({ name }) => name).join('|')}> [--json]`);
  process.exit(1);
}
// Checks on signals and crashes run processes of their own, on what is compiled.
if (!(await install()) || !(await build())) process.exit(1);

const results = await testBinder(suite.files);
const counts = { passed: 0, failed: 0, skipped: 0 };
for (const { status } of results) counts[status] += 1;

if (values.json) {
  process.stdout.write(`${JSON.stringify({ binder: suite.name, ...counts, results }, null, 2)}\n`);
} else {
  for (const { status, name, why } of results) {
    console.log(`${status.padEnd(7)}  ${name}`);
    if (why) console.log(why.replace(/^/gm, '         '));
  }
  printCounts(counts);
}
process.exitCode = counts.failed > 0 ? 1 : 0;

function conformanceFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^conformance.*\.test\.ts$/.test(name))
    .map((name) => join(folder, name));
}

async function testBinder(files) {
  const brokers = startBrokers(['--runTestsByPath', ...files]);
  Object.assign(process.env, await brokers.environment, { MILLRACE_CONFORMANCE: 'whole' });
  try {
    return await testFiles(files);
  } finally {
    await brokers.close();
  }
}

async function testFiles(paths) {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-conformance-'));
  const report = join(folder, 'report.json');
  const jest = await run(
    'conformance',
    tool('jest', ['--runTestsByPath', ...paths, '--json', `--outputFile=${report}`]),
  );
  const files = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')).testResults : [];
  rmSync(folder, { recursive: true });
  const results = files.flatMap(({ assertionResults, message }) =>
    assertionResults.length > 0 ? assertionResults.map(resultOf) : [brokenSuite(message)],
  );
  return results.length > 0 ? results.sort(byId) : [brokenSuite(jest.output)];
}

function resultOf({ title, status, failureMessages }) {
  if (status === 'failed') return { status, name: title, why: failureMessages.join('\n') };
  return { status: status === 'passed' ? 'passed' : 'skipped', name: title };
}

function brokenSuite(why) {
  return { status: 'failed', name: 'the test file itself', why };
}

/** C2 before C10, C before D, names without an id last. */
function byId(one, other) {
  const [a, b] = [one, other].map(({ name }) => name.match(/^([A-Z])(\d+)/));
  if (!a || !b) return Number(!a) - Number(!b) || one.name.localeCompare(other.name);
  return a[1].localeCompare(b[1]) || a[2] - b[2] || one.name.localeCompare(other.name);
}
