import { Millrace, type MillraceConfig } from '@millrace/core';
import type { BinderModule } from '@millrace/core/spi';
import { Order, order } from './messages';

/** What the suite tells its child process, as JSON in the first argument. */
export interface ChildTask {
  readonly scenario: 'drain' | 'stuck' | 'exit' | 'unruly';
  readonly group: string;
  readonly config: MillraceConfig;
}

/** What the child tells the suite, one word a line. */
export type ChildWord = 'handling' | 'signalled' | 'handled' | 'stopped' | 'calm';

/**
 * The body of a `BinderUnderTest.childProgram`: runs the scenario the suite asks for, on the given binder.
 *
 * ```js
 * const { childProgram } = require('@millrace/binder-test-suite');
 * const { binder } = require('@millrace/binder-memory');
 * childProgram(binder);
 * ```
 */
export async function childProgram(module: BinderModule): Promise<void> {
  const task = JSON.parse(process.argv[2] ?? '{}') as ChildTask;
  await scenarios[task.scenario](task, module);
}

const say = (word: ChildWord): void => {
  process.stdout.write(`${word}\n`);
};

const scenarios: Readonly<Record<ChildTask['scenario'], (task: ChildTask, module: BinderModule) => Promise<void>>> = {
  /** Has a message in hand when the signal comes, and finishes it afterwards. */
  drain: async ({ config, group }, module) => {
    const signalled = new Promise<void>((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => setTimeout(resolve, 50));
    });
    const app = await Millrace.run({ config, binders: [module], logger: false });
    await app.sink(Order, { group }, async () => {
      say('handling');
      await signalled;
      say('handled');
    });
    await app.send(Order, order(1));
  },

  /** Has a message in hand that it never finishes. */
  stuck: async ({ config, group }, module) => {
    const app = await Millrace.run({ config, binders: [module], logger: false });
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => say('signalled'));
    await app.sink(Order, { group }, () => {
      say('handling');
      return new Promise(() => undefined);
    });
    await app.send(Order, order(1));
  },

  /** Does its work, stops, and leaves it to the process to end. */
  exit: async ({ config, group }, module) => {
    const app = await Millrace.create({ config, binders: [module], logger: false });
    await app.start();
    const handled = new Promise<void>((resolve) => {
      void app.sink(Order, { group }, () => resolve()).then(() => app.send(Order, order(1)));
    });
    await handled;
    await app.stop();
    say('stopped');
  },

  /** Fails in every way a handler can, some of them after anybody listens. */
  unruly: async ({ config, group }, module) => {
    const app = await Millrace.create({ config, binders: [module], logger: false });
    await app.start();
    let left = misdeeds.length;
    const calm = new Promise<void>((resolve) => {
      app.events.on('deadLetter', () => {
        left -= 1;
        if (left === 0) resolve();
      });
    });
    await app.sink(Order, { group, timeout: '30ms', retry: { maxAttempts: 1 } }, ({ number }, _, signal) =>
      misdeeds[number - 1]?.(signal),
    );
    for (const [index] of misdeeds.entries()) await app.send(Order, order(index + 1));
    await calm;
    await new Promise((resolve) => setTimeout(resolve, 100));
    await app.stop();
    say('calm');
  },
};

const misdeeds: readonly ((signal: AbortSignal) => unknown)[] = [
  () => {
    throw undefined;
  },
  () => Promise.reject(new Error('at once')),
  () => new Promise((_, reject) => setTimeout(() => reject(new Error('long after the timeout')), 80)),
  (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  (signal) => {
    signal.addEventListener('abort', () => Promise.reject(new Error('in nobody’s hands')).catch(() => undefined));
    return new Promise(() => undefined);
  },
];
