import type { Workload } from '../measure/workload';
import * as hand from './by-hand';
import * as millrace from './millrace';

/** Every way of carrying an order that is measured, by name. */
export const workloads: Readonly<Record<string, () => Promise<Workload>>> = {
  raw: async () => hand.raw(),
  byHand: async () => hand.byHand(),
  byHandCheckedTwice: async () => hand.byHandCheckedTwice(),
  byHandUnchecked: async () => hand.byHandUnchecked(),
  byHandProcessor: async () => hand.byHandProcessor(),
  millrace: millrace.asyncSink,
  millraceWindow100: millrace.asyncSinkWindow100,
  millraceSync: millrace.syncSink,
  millraceUnchecked: millrace.uncheckedSink,
  millraceBatch: millrace.batchSink,
  millraceProcessor: millrace.processor,
};
