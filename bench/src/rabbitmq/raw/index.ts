// amqplib in its best pattern: a window of unconfirmed messages; one acknowledgement for half of what the broker sends ahead.
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
