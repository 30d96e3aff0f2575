import type { ContenderWorkloads } from '../task';
import { bindings, firstMessage, idle } from './bindings';
import { batch, consume } from './consume';
import { latency } from './latency';
import { deadLetter, processOrders } from './process';
import { produce } from './produce';

export const workloads: ContenderWorkloads = {
  produce,
  consume,
  process: processOrders,
  batch,
  latency,
  deadLetter,
  firstMessage,
  idle,
  bindings,
};
