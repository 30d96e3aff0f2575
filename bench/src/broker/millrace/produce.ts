import type { Workload } from '../../measure/workload';
import { withCallers } from '../callers';
import { type Task, workload } from '../task';
import { applicationOf, channelOf, orderMaker } from './application';

export async function produce(task: Task): Promise<Workload> {
  const make = orderMaker(task);
  const app = await applicationOf(task, {});
  await app.start();
  const orders = app.source(channelOf('orders', task));
  return workload(
    (messages) => withCallers(task.callers, messages, (index) => orders.send(make(index))),
    () => app.stop(),
  );
}
