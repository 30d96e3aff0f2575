import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const service = require.resolve('../fixtures/in-threads.cjs');

/** What a service over the compiled packages prints; it ends by itself, or the test does not. */
async function printed(module: string): Promise<string> {
  const { stdout } = await run(process.execPath, [service, module]);
  return stdout;
}

test.each([
  ['CommonJS', service],
  ['an ES module that gives a promise of its parts', require.resolve('./fixtures/module.mjs')],
])('a thread loads %s', async (_kind, module) => {
  expect(JSON.parse(await printed(module))).toEqual({ thread: expect.any(Number) });
});

test('TypeScript without a loader is told with the remedy', async () => {
  expect(await printed(require.resolve('./fixtures/typed.mts'))).toContain(
    'Name the compiled file, or give `workers.execArgv` the loader of TypeScript',
  );
});
