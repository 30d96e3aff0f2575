import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installRabbitmq, missingForRabbitmq, rabbitmqProgram } from './rabbitmq-toolchain';

const former = process.env.MILLRACE_RABBITMQ_PROGRAMS;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-programs-'));
  process.env.MILLRACE_RABBITMQ_PROGRAMS = folder;
});
afterEach(() => {
  if (former === undefined) delete process.env.MILLRACE_RABBITMQ_PROGRAMS;
  else process.env.MILLRACE_RABBITMQ_PROGRAMS = former;
  rmSync(folder, { recursive: true });
});

test('the folder that is named has the programs, whatever else is installed', () => {
  const program = join(folder, 'rabbitmq-server');
  writeFileSync(program, '');
  chmodSync(program, 0o755);
  expect(rabbitmqProgram('rabbitmq-server')).toBe(program);
  expect(missingForRabbitmq()).toBeUndefined();
});

test('where it has none nothing else is taken, and nothing installed', async () => {
  const missing = `there is no rabbitmq-server in ${folder}, which MILLRACE_RABBITMQ_PROGRAMS names`;
  expect(missingForRabbitmq()).toBe(missing);
  await expect(installRabbitmq()).rejects.toThrow(missing);
});
