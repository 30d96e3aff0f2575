import type { ConsumerPlan } from '../../config/binding-plans';
import { MillraceError } from '../../errors/millrace-error';

/** @throws MillraceError WIRING_INVALID: a function cannot be handed to another thread with all that it sees */
export function refuseWorkers({ binding, settings }: ConsumerPlan, owner: string): void {
  if (settings.workers === false) return;
  throw new MillraceError(
    'WIRING_INVALID',
    `${owner}: '${binding}' has workers: ${settings.workers}, but the handler of app.sink is a function, which no other thread can be given. Make it the method of a component, or drop 'workers'`,
  );
}
