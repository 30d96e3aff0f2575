/** A body of a test or of a hook. */
export type TestBody = () => Promise<void>;

/**
 * The part of a test runner that the suite needs. Jest's and vitest's globals fit as they are; for `node:test` pass
 * `{ describe, it, beforeAll: before, afterAll: after }`.
 */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: {
    (name: string, body: TestBody, timeoutMs?: number): unknown;
    /** Reports a test that is not run. Its name ends with the reason in parentheses. */
    readonly skip: (name: string, body: TestBody) => unknown;
  };
  /** Hooks keep to the runner's own time limit. */
  readonly beforeAll: (body: TestBody) => unknown;
  readonly afterAll: (body: TestBody) => unknown;
}
