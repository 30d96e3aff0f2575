export { BareBinder, type LogLine } from './bare-binder';
export { applyingTo, binderTestSuite, reasonToSkip } from './binder-test-suite';
export type { BinderUnderTest, ForeignRecord, RawRecord, World } from './binder-under-test';
export type { Check, CheckId, Need } from './check';
export {
  type BindingOptions,
  CheckContext,
  consumerOf,
  sendAll,
  sendInTurn,
  type TestApplicationOptions,
} from './check-context';
export { sections } from './checklist';
export { checks } from './checks';
export { TestProcess } from './child-process';
export { childProgram } from './child-program';
export { OrderDesk } from './components';
export { Deliveries } from './deliveries';
export { eventually, remains, until, within } from './eventually';
export { type FaultOptions, Faults } from './faults';
export { faultyBinder } from './faulty-binder';
export { Gate } from './gate';
export { KeyedSenders, type KeyedSendersOptions } from './keyed-senders';
export { FirstOrders, numbersOf, Order, order, orders, Receipt, receipt, SecondOrders, upTo } from './messages';
export { notBuilt } from './not-built';
export { type Behaviour, type Call, Recorder } from './recorder';
export type { TestBody, TestRunner } from './test-runner';
export { numbers, text, textOf } from './text-records';
export type { Sent, Settled, Traffic } from './traffic';
export { unique } from './unique';
