import type { BinderUnderTest, World } from './binder-under-test';
import { type Check, unmetNeed } from './check';
import { CheckContext } from './check-context';
import { sections } from './checklist';
import { checks } from './checks';
import { within } from './eventually';
import { notBuilt } from './not-built';
import type { TestRunner } from './test-runner';

const DEFAULT_SECONDS = 20;
/** Beside the check itself: the time its applications may take to stop. */
const CLEAN_UP_MS = 15_000;

/**
 * Declares the conformance tests of a binder with the given runner. A test is named by its id on the checklist and its
 * promise; one that cannot run is reported as skipped, with the reason in its name.
 *
 * ```ts
 * binderTestSuite({ describe, it, beforeAll, afterAll }, memorySubject);
 * ```
 */
export function binderTestSuite(runner: TestRunner, subject: BinderUnderTest): void {
  runner.describe(`binder ${subject.name}`, () => {
    let world: World | undefined;
    runner.beforeAll(async () => {
      world = await subject.newWorld();
    });
    runner.afterAll(async () => world?.close?.());
    const worldOf = (): World => {
      if (world === undefined) throw new Error(`${subject.name} has no world: beforeAll did not run`);
      return world;
    };
    for (const [letter, title] of Object.entries(sections)) declare(letter, title, checks, runner, subject, worldOf);
    if (subject.checks !== undefined) declare('', `${subject.name} alone`, subject.checks, runner, subject, worldOf);
  });
}

function declare(
  letter: string,
  title: string,
  all: readonly Check[],
  runner: TestRunner,
  subject: BinderUnderTest,
  worldOf: () => World,
): void {
  const section = all.filter((check) => check.id.startsWith(letter)).sort((a, b) => numberOf(a) - numberOf(b));
  if (section.length === 0) return;
  runner.describe(letter === '' ? title : `${letter}. ${title}`, () => {
    for (const check of section) {
      const reason = reasonToSkip(check, subject);
      if (reason === undefined)
        runner.it(
          `${check.id} ${check.title}`,
          () => runCheck(check, subject, worldOf()),
          limitOf(check, subject) + CLEAN_UP_MS,
        );
      else runner.it.skip(`${check.id} ${check.title} (${reason})`, async () => undefined);
    }
  });
}

/** Why the check cannot run with this subject, if it cannot. */
export function reasonToSkip(check: Check, subject: BinderUnderTest): string | undefined {
  const feature = notBuilt[check.id] ?? (check.run === undefined ? 'the check itself' : undefined);
  return feature === undefined ? unmetNeed(check, subject) : `needs ${feature}, not built yet`;
}

async function runCheck(check: Check, subject: BinderUnderTest, world: World): Promise<void> {
  const context = new CheckContext(subject, world);
  try {
    await within(check.id, check.run?.(context) ?? Promise.resolve(), limitOf(check, subject));
  } catch (error) {
    await context.close().catch(() => undefined);
    throw error;
  }
  await context.close();
}

function limitOf(check: Check, subject: BinderUnderTest): number {
  return (check.seconds ?? DEFAULT_SECONDS) * 1_000 * (subject.slow ?? 1);
}

function numberOf(check: Check): number {
  return Number(check.id.slice(1));
}
