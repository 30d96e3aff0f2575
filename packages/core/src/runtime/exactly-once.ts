import type { Faults } from '../config/faults';
import type { Wiring } from './wiring';

/** A processor under `exactlyOnce` has its output where its input is: a transaction is one broker's. */
export function tellOutsideOutputs({ consumers, producers }: Wiring, faults: Faults): void {
  for (const { plan, sinks } of consumers) {
    if (!plan.settings.exactlyOnce) continue;
    for (const { owner, output } of sinks) {
      const target = producers.find(({ channel }) => channel === output?.name);
      if (target === undefined || target.binder === plan.binder) continue;
      faults.add(
        owner,
        `under exactlyOnce its output '${target.channel}' is on binder '${target.binder}', its input on '${plan.binder}'`,
        "Put both on one binder, or drop 'exactlyOnce'",
      );
    }
  }
}
