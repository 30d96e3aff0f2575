import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './eventually';

const root = join(__dirname, '../../..');
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

class Service {
  output = '';
  readonly exit: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(plan: 'drain' | 'hang' | 'stop') {
    this.#child = spawn(process.execPath, [join(__dirname, 'fixtures/service.cjs'), plan], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(this.#child);
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk) => (this.output += String(chunk)));
    this.exit = new Promise((resolve) => this.#child.on('close', resolve));
  }

  says(line: string): Promise<void> {
    return eventually(() => expect(this.output.split('\n')).toContain(line), 10_000);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }
}

test('the packages are compiled, as npm test and npm run build leave them', () => {
  expect(
    ['core', 'binder-memory'].filter((name) => !existsSync(join(root, 'packages', name, 'dist/index.js'))),
  ).toEqual([]);
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s drains: the running handler ends, and the process exits with 0',
  async (signal) => {
    const service = new Service('drain');
    await service.says('handling');
    service.signal(signal);
    expect(await service.exit).toBe(0);
    expect(service.output.split('\n')).toContain('handled');
  },
);

test('a second signal ends the process with 1 while a handler hangs', async () => {
  const service = new Service('hang');
  await service.says('handling');
  service.signal('SIGTERM');
  await service.says('stopping');
  service.signal('SIGTERM');
  expect(await service.exit).toBe(1);
  expect(service.output.split('\n')).not.toContain('handled');
});

test('a running application keeps the process alive, and after stop it ends by itself', async () => {
  const running = new Service('drain');
  await running.says('handled');
  const stopped = new Service('stop');
  expect(await stopped.exit).toBe(0);
  expect(stopped.output.split('\n')).toContain('main has ended');
  expect(running.output.split('\n')).toContain('main has ended');
  running.signal('SIGTERM');
  expect(await running.exit).toBe(0);
});
