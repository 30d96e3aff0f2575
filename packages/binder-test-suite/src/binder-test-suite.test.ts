import assert from 'node:assert/strict';
import { capabilities } from '@millrace/core/spi';
import { binderTestSuite } from './binder-test-suite';
import type { BinderUnderTest, World } from './binder-under-test';
import type { Check } from './check';
import type { CheckContext } from './check-context';
import type { TestBody, TestRunner } from './test-runner';

/** A runner that runs nothing until asked. */
class CollectingRunner implements TestRunner {
  readonly tests = new Map<string, TestBody>();
  readonly concurrent: string[] = [];
  readonly skipped: string[] = [];
  readonly hooks: TestBody[] = [];
  readonly sections: string[] = [];

  readonly describe = (name: string, body: () => void): void => {
    this.sections.push(name);
    body();
  };
  readonly it = Object.assign((name: string, body: TestBody): void => void this.tests.set(name, body), {
    skip: (name: string): void => void this.skipped.push(name),
    concurrent: (name: string, body: TestBody): void => {
      this.concurrent.push(name);
      this.tests.set(name, body);
    },
  });
  readonly beforeAll = (body: TestBody): void => void this.hooks.push(body);
  readonly afterAll = this.beforeAll;
}

interface Declared {
  readonly runner: CollectingRunner;
  /** Names of the worlds, in the order they were closed. */
  readonly closed: string[];
}

function declared(
  checks: readonly Check[],
  changes: Partial<BinderUnderTest> = {},
  isChosen?: (check: Check) => boolean,
): Declared {
  const closed: string[] = [];
  const worldOf = (name: string) => ({ close: async () => void closed.push(name) }) as unknown as World;
  const subject: BinderUnderTest = {
    name: 'none',
    capabilities: capabilities({}),
    newWorld: () => worldOf('world'),
    checks,
    ...changes,
    ...(changes.newOwnWorld && { newOwnWorld: () => worldOf('own world') }),
  };
  const runner = new CollectingRunner();
  binderTestSuite(runner, subject, isChosen);
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
    assert.ok(
      runner.skipped.some((name) =>
        /^G7 .*\(needs changing the concurrency while running, not built yet\)$/.test(name),
      ),
    );
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

  it('skips everything with the reason why there is no broker, and opens no world', () => {
    const checks: Check[] = [{ id: 'X1', title: 'of its own', run: async () => undefined }];
    const { runner } = declared(checks, { absent: 'no broker here' });
    assert.equal(runner.tests.size, 0);
    assert.equal(runner.hooks.length, 0);
    assert.ok(runner.skipped.includes('X1 of its own (no broker here)'));
  });

  it('declares the chosen checks only, and no section without any', () => {
    const checks: Check[] = [{ id: 'X1', title: 'of its own', run: async () => undefined }];
    const { runner } = declared(checks, {}, ({ id }) => id.startsWith('Q') || id.startsWith('X'));
    assert.deepEqual(runner.sections, ['binder none', 'Q. Claims and bad bytes', 'none alone']);
  });

  it('lets the checks of a concurrent subject run at once, but for those that must be alone', () => {
    const checks: Check[] = [
      { id: 'X1', title: 'together', run: async () => undefined },
      { id: 'X2', title: 'alone', alone: true, run: async () => undefined },
    ];
    const { concurrent } = declared(checks, { concurrent: true }).runner;
    assert.ok(concurrent.includes('X1 together'));
    assert.ok(!concurrent.some((name) => /^(X2|H18) /.test(name)));
    assert.deepEqual(declared(checks).runner.concurrent, []);
  });

  it('begins with those that may take longest where they run several at once', () => {
    const checks: Check[] = [
      { id: 'X1', title: 'short', seconds: 1, run: async () => undefined },
      { id: 'X2', title: 'long', seconds: 2, run: async () => undefined },
    ];
    const orderOf = (concurrent: boolean) =>
      [...declared(checks, { concurrent }).runner.tests.keys()].filter((name) => name.startsWith('X'));
    assert.deepEqual(orderOf(true), ['X2 long', 'X1 short']);
    assert.deepEqual(orderOf(false), ['X1 short', 'X2 long']);
  });

  it('opens one own world when a check asks for it, and closes it after the last', async () => {
    const found = new Set<World>();
    const asking = async (test: CheckContext): Promise<void> => {
      for (const _ of [1, 2]) found.add(await test.ownWorld());
    };
    const checks: Check[] = [{ id: 'X1', title: 'asks twice', run: asking }];
    for (const newOwnWorld of [() => assert.fail('replaced'), undefined]) {
      found.clear();
      const { runner, closed } = declared(checks, newOwnWorld && { newOwnWorld });
      await run(runner, 'X1 asks twice');
      assert.equal(found.size, 1);
      assert.deepEqual(closed.sort(), newOwnWorld ? ['own world', 'world'] : ['world', 'world']);
    }
  });

  it('ends a check that hangs', async () => {
    const hanging: Check = { id: 'X1', title: 'hangs', seconds: 0.02, run: () => new Promise(() => undefined) };
    await assert.rejects(run(declared([hanging]).runner, 'X1 hangs'), /X1 was not done after 20 ms/);
  });
});
