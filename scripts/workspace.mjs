// What every script of this repository needs before its own work: the dependencies installed, the packages built,
// and one readable line per step. Plain Node, because it runs before anything is installed.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

const HEARTBEAT_MS = 10_000;
const ORPHAN_CHECK_MS = 250;

/** Runs a command and says in one line how it went; shows its output when it failed. */
export async function step(name, command, options) {
  const { code, output, seconds } = await run(name, command, options);
  console.error(`${code === 0 ? '✓' : '✗'} ${name}  ${seconds.toFixed(1)} s`);
  if (code !== 0) console.error(output.trimEnd().replace(/^/gm, '  '));
  return code === 0;
}

/** Runs a command quietly, with a sign of life while it lasts. */
export function run(name, [command, ...args], { cwd = root, timeout } = {}) {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const heartbeat = setInterval(() => console.error(`  … ${name}, ${seconds().toFixed(0)} s so far`), HEARTBEAT_MS);
  return new Promise((resolve) => {
    const output = [];
    const finish = (code) => {
      clearInterval(heartbeat);
      resolve({ code, output: Buffer.concat(output).toString(), seconds: seconds() });
    };
    const child = spawn(command, args, { cwd, timeout, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.on('error', (error) => {
      output.push(Buffer.from(error.message));
      finish(1);
    });
    child.on('close', (code, signal) => {
      if (signal) output.push(Buffer.from(`\nended by ${signal}`));
      finish(code ?? 1);
    });
  });
}

/** Runs a command in the foreground; resolves with its exit code. Signals meant for us reach it. */
export function foreground([command, ...args]) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  // Ctrl-C in a terminal reaches the child by itself; a second copy would look like impatience.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  // A signal to npm ends the shell between npm and us, and we hear of it only by being adopted.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill('SIGTERM');
  }, ORPHAN_CHECK_MS);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearInterval(watch);
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}

/** The command line of an installed tool, without a shell and without npx. */
export function tool(packageName, args = [], bin = packageName) {
  const folder = join(root, 'node_modules', packageName);
  const { bin: bins } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return [process.execPath, join(folder, typeof bins === 'string' ? bins : bins[bin]), ...args];
}

/** npm as a command line: through the npm that started us when there is one (on Windows `npm` is no program). */
export function npm(...args) {
  const cli = process.env.npm_execpath;
  return cli?.endsWith('.js') ? [process.execPath, cli, ...args] : ['npm', ...args];
}

/** Installs what package-lock.json says, unless it is there already. */
export async function install() {
  return isInstalled() || step('install', npm('ci', '--no-audit', '--no-fund', '--loglevel=error'));
}

/** npm writes down what it installed; the two lists must agree. An interrupted or outdated installation does not. */
function isInstalled() {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = readPackages(record);
  return Object.entries(readPackages(join(root, 'package-lock.json')))
    .filter(([path, entry]) => path !== '' && !entry.optional && !entry.devOptional)
    .every(([path, entry]) => installed[path]?.version === entry.version);
}

function readPackages(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
}

/** Compiles what changed, and removes what was compiled from sources that are gone. */
export async function build() {
  const passed = await step('build', tool('typescript', ['-b'], 'tsc'));
  for (const folder of workspaces('packages', 'samples')) removeOrphans(join(folder, 'src'), join(folder, 'dist'));
  return passed;
}

/** The tool for real brokers, compiled alone: it is needed before and without everything else. */
export async function loadBrokers() {
  const passed = await step('build brokers', tool('typescript', ['-b', 'packages/brokers'], 'tsc'));
  return passed ? import('@millrace/brokers') : undefined;
}

/** Compiles what measures, which nothing else needs. */
export async function buildBench() {
  const passed = await step('build bench', tool('typescript', ['-b', 'bench'], 'tsc'));
  removeOrphans(join(root, 'bench', 'src'), join(root, 'bench', 'dist'));
  return passed;
}

function removeOrphans(sources, outputs) {
  if (!existsSync(outputs)) return;
  for (const name of readdirSync(outputs, { recursive: true })) {
    const [, source, module = ''] = name.match(/^(.*?)(?:\.d)?\.(m?)[jt]s(?:\.map)?$/) ?? [];
    if (source && !existsSync(join(sources, `${source}.${module}ts`))) rmSync(join(outputs, name));
  }
}

/** Absolute folders of the workspaces below the given top folders. */
export function workspaces(...tops) {
  return tops
    .map((top) => join(root, top))
    .filter((top) => existsSync(top))
    .flatMap((top) => readdirSync(top).map((name) => join(top, name)))
    .filter((folder) => existsSync(join(folder, 'package.json')));
}

/** The line every run ends with. */
export function printCounts({ passed, failed, skipped }) {
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
}
