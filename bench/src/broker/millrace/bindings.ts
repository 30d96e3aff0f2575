import { type Application, Sink } from '@millrace/core';
import type { Workload } from '../../measure/workload';
import { Handled } from '../handled';
import { memoryOfEach } from '../idle-memory';
import { readyTimes } from '../ready-times';
import { type Task, workload } from '../task';
import { applicationOf, type Component, channelOf, Round } from './application';

/** From the start of the process to the first message handled. */
export async function firstMessage(task: Task): Promise<Workload> {
  return workload(async (_messages, clock) => {
    const handled = new Handled(1, clock);
    const round = new Round();
    round.begin(handled);
    class FirstSink {
      @Sink(channelOf('orders', task))
      take(): void {
        round.add(1);
      }
    }
    const group = task.group ?? `${task.unique}-${process.pid}`;
    const app = await applicationOf(task, { components: [FirstSink], group });
    await app.start();
    await handled.all;
    const firstMessage = clock.sinceSpawn();
    await app.stop();
    return { firstMessage };
  });
}

export async function idle(task: Task): Promise<Workload> {
  let app: Application | undefined;
  return workload(
    async (bindings) => {
      app = await applicationOf(task, { destinations: destinationsOf(task, bindings + 1) });
      await app.start();
      const started = app;
      return memoryOfEach(bindings, (index) =>
        started.sink(channelOf(`orders-${index}`, task), { group: `idle-${index}` }, () => undefined),
      );
    },
    async () => app?.stop(),
  );
}

/** Every binding in the group that is the application's, as where nobody names one. */
export async function bindings(task: Task): Promise<Workload> {
  return workload((most) =>
    readyTimes(most, async (count) => {
      const components = Array.from({ length: count }, (_, index) => idleSink(task, index));
      const app = await applicationOf(task, { components, destinations: destinationsOf(task, count) });
      await app.start();
      return () => app.stop();
    }),
  );
}

function idleSink(task: Task, index: number): Component {
  class IdleSink {
    @Sink(channelOf(`orders-${index}`, task))
    take(): void {}
  }
  return IdleSink;
}

function destinationsOf({ destination }: Task, count: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`orders-${index}`, `${destination}-${index}`]),
  );
}
