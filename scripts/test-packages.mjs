// npm run test:packages: what a user installs. Packs every package, checks the tarballs, installs them in an empty
// project outside this repository, and runs one small application there in every way a user may run it.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, install, npm, printCounts, root, step, tool, workspaces } from './workspace.mjs';

const TIME_LIMIT_MS = 180_000;

const counts = { passed: 0, failed: 0, skipped: 0 };
const lab = mkdtempSync(join(tmpdir(), 'millrace-packages-'));

if ((await install()) && (await build())) {
  const tarballs = await packAll();
  for (const { name, file } of tarballs) {
    await check(`publint ${name}`, tool('publint', ['run', file, '--strict']));
    await check(`are the types wrong ${name}`, tool('@arethetypeswrong/cli', [file, '--profile', 'node16'], 'attw'));
  }
  const project = layOutProject(tarballs);
  if (
    await check('npm install of the tarballs', npm('install', '--no-audit', '--no-fund', '--loglevel=error'), project)
  ) {
    await useProject(project);
  }
} else {
  counts.failed += 1;
}
if (process.argv.includes('--keep')) console.log(`kept: ${lab}`);
else rmSync(lab, { recursive: true });
printCounts(counts);
process.exitCode = counts.failed > 0 ? 1 : 0;

async function packAll() {
  const tarballs = [];
  for (const folder of workspaces('packages')) {
    const { name, version, private: isOurs } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (isOurs) continue;
    const file = join(lab, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
    if (await check(`pack ${name}`, npm('pack', '--silent', '--pack-destination', lab), folder))
      tarballs.push({ name, file });
  }
  return tarballs;
}

/** The application twice, as an ES module and as CommonJS: what a file is, its folder's package.json says. */
function layOutProject(tarballs) {
  const project = join(lab, 'project');
  cpSync(join(root, 'scripts', 'package-test'), project, { recursive: true });
  for (const [folder, type] of [
    ['esm', 'module'],
    ['cjs', 'commonjs'],
  ]) {
    cpSync(join(project, 'src'), join(project, folder), { recursive: true });
    writeJson(join(project, folder, 'package.json'), { type });
    writeJson(join(project, folder, 'tsconfig.json'), {
      extends: '../tsconfig.json',
      include: ['main.ts'],
      compilerOptions: { rootDir: '.', outDir: 'dist' },
    });
  }
  rmSync(join(project, 'src'), { recursive: true });
  const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  for (const { name, file } of tarballs) manifest.dependencies[name] = `file:${file}`;
  writeJson(join(project, 'package.json'), manifest);
  return project;
}

async function useProject(project) {
  const node = (...args) => [process.execPath, ...args];
  const bin = (name, file, ...args) => node(join('node_modules', name, file), ...args);
  for (const folder of ['esm', 'cjs']) {
    // inversify's own declarations need a newer TypeScript than 5.4; the newest one checks all declarations.
    await check(
      `${folder}: types, TypeScript 5.4; compiles`,
      bin('typescript', 'bin/tsc', '-p', folder, '--skipLibCheck'),
      project,
    );
    await check(
      `${folder}: types, newest TypeScript`,
      bin('typescript-latest', 'bin/tsc', '-p', folder, '--noEmit'),
      project,
    );
    await check(`${folder}: compiled, under node`, node(join(folder, 'dist', 'main.js')), project);
    await check(`${folder}: tsx`, bin('tsx', 'dist/cli.mjs', join(folder, 'main.ts')), project);
  }
  await check('plain JavaScript, import', node(join('esm', 'plain.mjs')), project);
  await check('plain JavaScript, require', node(join('cjs', 'plain.cjs')), project);
  await check('Jest', bin('jest', 'bin/jest.js'), project);
  await check('vitest', bin('vitest', 'vitest.mjs', 'run', '--globals', '--dir', 'esm'), project);
}

function writeJson(file, content) {
  writeFileSync(file, JSON.stringify(content, null, 2));
}

async function check(name, command, cwd = root) {
  const passed = await step(name, command, { cwd, timeout: TIME_LIMIT_MS });
  counts[passed ? 'passed' : 'failed'] += 1;
  return passed;
}
