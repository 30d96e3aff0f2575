import type { BinderUnderTest } from './binder-under-test';
import { type Check, unmetNeed } from './check';
import { CheckContext, type Worlds } from './check-context';
import { sections } from './checklist';
import { checks } from './checks';
import { within } from './eventually';
import { notBuilt } from './not-built';
import { SuiteWorlds } from './suite-worlds';
import type { DeclareTest, TestRunner } from './test-runner';

const DEFAULT_SECONDS = 40;
/** Beside the check itself: the time its applications may take to stop. */
const CLEAN_UP_MS = 15_000;

/**
 * Declares the conformance tests of a binder with the given runner. A test is named by its id on the checklist and its
 * promise; one that cannot run is reported as skipped, with the reason in its name. `isChosen` shares the checks out among
 * several files, which a runner may run side by side; by default all are in one.
 *
 * ```ts
 * binderTestSuite({ describe, it, beforeAll, afterAll }, memorySubject);
 * binderTestSuite({ describe, it, beforeAll, afterAll }, kafkaSubject, ({ id }) => id < 'F');
 * ```
 */
export function binderTestSuite(
  runner: TestRunner,
  subject: BinderUnderTest,
  isChosen: (check: Check) => boolean = () => true,
): void {
  runner.describe(`binder ${subject.name}`, () => {
    const shared = new SuiteWorlds(subject);
    if (subject.absent === undefined) {
      runner.beforeAll(() => shared.open());
      runner.afterAll(() => shared.close());
    }
    const declare = (title: string, section: readonly Check[]): void =>
      declareSection(title, section.filter(isChosen), runner, subject, shared);
    for (const [letter, title] of Object.entries(sections))
      declare(
        `${letter}. ${title}`,
        checks.filter(({ id }) => id.startsWith(letter)),
      );
    declare(`${subject.name} alone`, subject.checks ?? []);
  });
}

function declareSection(
  title: string,
  section: readonly Check[],
  runner: TestRunner,
  subject: BinderUnderTest,
  shared: SuiteWorlds,
): void {
  if (section.length === 0) return;
  runner.describe(title, () => {
    for (const check of inOrder(section, subject)) {
      const reason = reasonToSkip(check, subject);
      const name = `${check.id} ${check.title}`;
      if (reason !== undefined) runner.it.skip(`${name} (${reason})`, async () => undefined);
      else itOf(runner, check, subject)(name, () => runCheck(check, subject, shared.worlds), timeoutOf(check, subject));
    }
  });
}

/** By their numbers; where they run several at once those that may take longest come first, so that none ends alone. */
function inOrder(section: readonly Check[], { concurrent = false }: BinderUnderTest): Check[] {
  const lengthOf = (check: Check): number => (concurrent ? secondsOf(check) : 0);
  return [...section].sort((a, b) => lengthOf(b) - lengthOf(a) || numberOf(a) - numberOf(b));
}

function itOf({ it }: TestRunner, check: Check, subject: BinderUnderTest): DeclareTest {
  return subject.concurrent && !check.alone ? (it.concurrent ?? it) : it;
}

/** Why the check cannot run with this subject, if it cannot. */
export function reasonToSkip(check: Check, subject: BinderUnderTest): string | undefined {
  return reasonNotToApply(check, subject) ?? subject.absent;
}

/**
 * Chooses the checks that say something of the subject: those of features that are built, and of capabilities that it claims.
 * With `MILLRACE_CONFORMANCE=whole`, as in `npm run conformance`, all of them: the others are reported as skipped.
 */
export function applyingTo(subject: BinderUnderTest): (check: Check) => boolean {
  const isWhole = process.env.MILLRACE_CONFORMANCE === 'whole';
  return (check) => isWhole || reasonNotToApply(check, subject) === undefined;
}

function reasonNotToApply(check: Check, subject: BinderUnderTest): string | undefined {
  const feature = notBuilt[check.id] ?? (check.run === undefined ? 'the check itself' : undefined);
  return feature === undefined ? unmetNeed(check, subject) : `needs ${feature}, not built yet`;
}

async function runCheck(check: Check, subject: BinderUnderTest, worlds: Worlds): Promise<void> {
  const context = new CheckContext(subject, worlds);
  try {
    await within(check.id, check.run?.(context) ?? Promise.resolve(), limitOf(check, subject));
  } catch (error) {
    await context.close().catch(() => undefined);
    throw error;
  }
  await context.close();
}

function timeoutOf(check: Check, subject: BinderUnderTest): number {
  return limitOf(check, subject) + CLEAN_UP_MS;
}

function limitOf(check: Check, subject: BinderUnderTest): number {
  return secondsOf(check) * 1_000 * (subject.slow ?? 1);
}

function secondsOf(check: Check): number {
  return check.seconds ?? DEFAULT_SECONDS;
}

function numberOf(check: Check): number {
  return Number(check.id.slice(1));
}
