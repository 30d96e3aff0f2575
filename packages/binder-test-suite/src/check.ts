import type { Capabilities } from '@millrace/core/spi';
import type { BinderUnderTest } from './binder-under-test';
import type { CheckContext } from './check-context';

/** Letter of the section and number: `C2`. The sections are listed in `checklist.ts`. */
export type CheckId = `${string}${number}`;

/** A capability of the binder, or a power of its {@link BinderUnderTest} that not every subject has. */
export type Need = keyof Capabilities | 'restartBroker' | 'loseConnections' | 'childProgram';

/** One promise, and the test that fails when it is broken. */
export interface Check {
  readonly id: CheckId;
  /** The promise, after the id in the name of the test. */
  readonly title: string;
  /** Without all of these it is skipped. Default: none. */
  readonly needs?: readonly Need[];
  /** It measures the process, or harms a broker: no other check of its file runs meanwhile. Default `false`. */
  readonly alone?: boolean;
  /** Seconds it may take, before the subject's `slow` factor. Default 40. */
  readonly seconds?: number;
  /** Left out where its subject cannot be expressed yet; `not-built.ts` says what is missing. */
  readonly run?: (test: CheckContext) => Promise<void>;
}

/** The first need that the subject does not meet, as the reason of a skip. */
export function unmetNeed(check: Check, subject: BinderUnderTest): string | undefined {
  const unmet = check.needs?.find((need) => !isMet(need, subject));
  if (unmet === undefined) return undefined;
  return unmet in subject.capabilities ? `${unmet} is not claimed` : `the subject offers no ${unmet}`;
}

function isMet(need: Need, subject: BinderUnderTest): boolean {
  if (need === 'restartBroker' || need === 'loseConnections' || need === 'childProgram')
    return subject[need] !== undefined;
  return subject.capabilities[need];
}
