import assert from 'node:assert/strict';
import { capabilities } from '@millrace/core/spi';
import { binderTestSuite } from './binder-test-suite';
import type { BinderUnderTest, World } from './binder-under-test';
import type { Check } from './check';
import type { TestBody, TestRunner } from './test-runner';

/** A runner that runs nothing until asked. */
class CollectingRunner implements TestRunner {
  readonly tests = new Map<string, TestBody>();
  readonly skipped: string[] = [];
  readonly hooks: TestBody[] = [];
  readonly sections: string[] = [];

  readonly describe = (name: string, body: () => void): void => {
    this.sections.push(name);
    body();
  };
  readonly it = Object.assign((name: string, body: TestBody): void => void this.tests.set(name, body), {
    skip: (name: string): void => void this.skipped.push(name),
  });
  readonly beforeAll = (body: TestBody): void => void this.hooks.push(body);
  readonly afterAll = this.beforeAll;
}

function declared(checks: readonly Check[]): { runner: CollectingRunner; closed: string[] } {
  const closed: string[] = [];
  const world = { close: async () => void closed.push('world') } as unknown as World;
  const subject: BinderUnderTest = { name: 'none', capabilities: capabilities({}), newWorld: () => world, checks };
  const runner = new CollectingRunner();
  binderTestSuite(runner, subject);
  return { runner, closed };
}

async function run(runner: CollectingRunner, name: string): Promise<void> {
  const [open, close] = runner.hooks;
  await open?.();
  await (runner.tests.get(name) ?? assert.fail(`no test '${name}'`))();
  await close?.();
}

describe('binderTestSuite', () => {
  it('declares sections in order, tests in order of their ids, and skipped ones with their reason', () => {
    const { runner } = declared([{ id: 'X1', title: 'of its own', run: async () => undefined }]);
    assert.equal(runner.sections[0], 'binder none');
    assert.ok(runner.sections.indexOf('A. Publish and consume') < runner.sections.indexOf('H. Life cycle'));
    assert.equal(runner.sections.at(-1), 'none alone');
    const names = [...runner.tests.keys()];
    const position = (id: string): number => names.findIndex((name) => name.startsWith(`${id} `));
    assert.ok(position('A2') >= 0 && position('A2') < position('A10'));
    assert.ok(runner.skipped.some((name) => /^A1 .*\(history is not claimed\)$/.test(name)));
    assert.ok(runner.skipped.some((name) => /^G9 .*\(needs a rate limit, not built yet\)$/.test(name)));
    assert.ok(names.includes('X1 of its own'));
  });

  it('cleans up after a check, the last opened first, also when it fails', async () => {
    const order: string[] = [];
    const { runner, closed } = declared([
      {
        id: 'X1',
        title: 'fails',
        run: async (test) => {
          test.cleanUp(async () => order.push('first'));
          test.cleanUp(async () => order.push('second'));
          throw new Error('the check');
        },
      },
    ]);
    await assert.rejects(run(runner, 'X1 fails'), /the check/);
    assert.deepEqual(order, ['second', 'first']);
    await runner.hooks[1]?.();
    assert.deepEqual(closed, ['world']);
  });

  it('fails a check that succeeded but could not clean up, when all the rest is cleaned', async () => {
    const order: string[] = [];
    const { runner } = declared([
      {
        id: 'X1',
        title: 'leaks',
        run: async (test) => {
          test.cleanUp(async () => order.push('first'));
          test.cleanUp(() => Promise.reject(new Error('stuck')));
        },
      },
    ]);
    await assert.rejects(run(runner, 'X1 leaks'), /stuck/);
    assert.deepEqual(order, ['first']);
  });

  it('ends a check that hangs', async () => {
    const hanging: Check = { id: 'X1', title: 'hangs', seconds: 0.02, run: () => new Promise(() => undefined) };
    await assert.rejects(run(declared([hanging]).runner, 'X1 hangs'), /X1 was not done after 20 ms/);
  });
});
