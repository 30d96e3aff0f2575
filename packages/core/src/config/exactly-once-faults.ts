import type { ConsumerSettings } from '../options/consumer-options';
import type { Faults } from './faults';

/** Tells of what cannot go together with `exactlyOnce`, whatever the binder. @param where path of the consumer's options */
export function tellExactlyOnceFaults(
  { exactlyOnce, batch, outputs, idempotent }: ConsumerSettings,
  group: string | undefined,
  where: string,
  faults: Faults,
): void {
  if (!exactlyOnce) return;
  const at = `${where}.exactlyOnce`;
  if (group === undefined)
    faults.add(
      at,
      'a broadcast consumer keeps no position that could be part of it',
      "Give it a group, or drop 'exactlyOnce'",
    );
  if (batch !== undefined)
    faults.add(
      at,
      'a batch sink takes several messages as one, of which some may fail and some not',
      "Take one message at a time, or drop 'exactlyOnce'; the binder puts several into one transaction by itself",
    );
  if (idempotent !== false)
    faults.add(
      at,
      "the inbox of 'idempotent' keeps outputs in a store of its own, which is no part of the broker's transaction",
      "Drop one of them: 'idempotent' for what a handler does elsewhere, 'exactlyOnce' for what it sends",
    );
  if (outputs === 'immediate')
    faults.add(at, "with 'outputs: immediate' a failed attempt would have sent already", "Drop 'outputs'");
}
