/** A body of a test or of a hook. */
export type TestBody = () => Promise<void>;

/** Declares a test; the limit takes the place of the runner's own. */
export type DeclareTest = (name: string, body: TestBody, timeoutMs?: number) => unknown;

/**
 * The part of a test runner that the suite needs. Jest's and vitest's globals fit as they are; for `node:test` pass
 * `{ describe, it, beforeAll: before, afterAll: after }`.
 */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: DeclareTest & {
    /**
     * The same, together with its neighbours that are declared so; how many at once is for the runner to say. Jest and vitest have
     * it. Left out: one after the other. Needed only for subjects that are `concurrent`.
     */
    readonly concurrent?: DeclareTest;
    /** Reports a test that is not run. Its name ends with the reason in parentheses. */
    readonly skip: (name: string, body: TestBody) => unknown;
  };
  /** Hooks keep to the runner's own time limit. */
  readonly beforeAll: (body: TestBody) => unknown;
  readonly afterAll: (body: TestBody) => unknown;
}
