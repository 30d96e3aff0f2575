import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OwnedProcess } from '../src/owned-process';
import { until } from '../src/until';

const compiled = join(__dirname, '..', 'dist', 'owned-process.js');
/** Whoever crashes is a process of its own, and that needs the compiled package: npm run build. */
const suite = existsSync(compiled) ? test : test.skip;

suite.each<NodeJS.Signals>(['SIGKILL', 'SIGTERM'])(
  '%s to the process that started it ends a broker',
  async (signal) => {
    const child = spawn(process.execPath, [join(__dirname, 'crash-program.cjs'), compiled], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = await firstNumber(child);
    expect(hasMembers(pid)).toBe(true);
    child.kill(signal);
    await until(
      () => !hasMembers(pid),
      10_000,
      () => new Error(`process group ${pid} lives on`),
    );
  },
);

test('terminate ends a process that listens to SIGTERM, and one that does not', async () => {
  for (const script of ['sleep 600', "trap '' TERM; while :; do sleep 1; done"]) {
    const owned = await OwnedProcess.start({
      command: ['/bin/sh', '-c', script],
      folder: '/tmp',
      logFile: '/dev/null',
    });
    expect(owned.isRunning).toBe(true);
    await owned.terminate(200);
    expect(owned.isRunning).toBe(false);
    await owned.kill();
  }
});

async function firstNumber({ stdout }: ChildProcess): Promise<number> {
  if (stdout === null) throw new Error('no output');
  const [line] = (await once(stdout, 'data')) as [Buffer];
  return Number(line.toString());
}

/** Dead processes that nobody has asked about yet do not count. */
function hasMembers(group: number): boolean {
  return execFileSync('ps', ['-A', '-o', 'pgid=,stat='])
    .toString()
    .split('\n')
    .some((line) => line.trim().startsWith(`${group} `) && !line.includes('Z'));
}
