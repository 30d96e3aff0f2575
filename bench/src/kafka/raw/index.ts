// kafkajs in its best pattern: sends of 500 with two in flight; eachBatch, with commits that nobody waits for.
import type { ContenderWorkloads } from '../../broker/task';
import { bindings, firstMessage, idle } from './bindings';
import { consume } from './consume';
import { latency } from './latency';
import { deadLetter, processOrders } from './process';
import { produce } from './produce';

export const workloads: ContenderWorkloads = {
  produce,
  consume,
  process: processOrders,
  batch: consume,
  latency,
  deadLetter,
  firstMessage,
  idle,
  bindings,
};
