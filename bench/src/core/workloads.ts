import type { Workload } from '../measure/workload';
import * as hand from './by-hand';
import * as codec from './codec';
import * as millrace from './millrace';
import * as scale from './scale';

/** Every way of carrying an order that is measured, by name. */
export const workloads: Readonly<Record<string, () => Promise<Workload>>> = {
  raw: async () => hand.raw(),
  byHand: async () => hand.byHand(),
  byHandCheckedTwice: async () => hand.byHandCheckedTwice(),
  byHandUnchecked: async () => hand.byHandUnchecked(),
  byHandProcessor: async () => hand.byHandProcessor(),
  decode: async () => codec.decode(),
  decodeByHand: async () => codec.decodeByHand(),
  parse: async () => codec.parse(),
  encode: async () => codec.encode(),
  encodeByHand: async () => codec.encodeByHand(),
  stringify: async () => codec.stringify(),
  millrace: millrace.asyncSink,
  millraceWindow100: millrace.asyncSinkWindow100,
  millraceSync: millrace.syncSink,
  millraceUnchecked: millrace.uncheckedSink,
  millraceBatch: millrace.batchSink,
  millraceProcessor: millrace.processor,
  ...scale,
};
