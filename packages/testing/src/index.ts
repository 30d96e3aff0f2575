/** Tests a whole application in memory, under any test runner. */
export type { DeadLetterView } from './dead-letter-view';
export type { Failure } from './failures';
export { NotQuiet } from './quiet';
export type { RawOptions } from './raw-records';
export { type SettledOptions, TestApplication, type TestApplicationOptions, testApplication } from './test-application';
