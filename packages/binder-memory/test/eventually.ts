import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';

/** Repeats an assertion until it holds. */
export async function eventually(assertion: () => void, withinMs = 5_000): Promise<void> {
  const end = performance.now() + withinMs;
  for (;;) {
    try {
      return assertion();
    } catch (failure) {
      if (performance.now() > end) throw failure;
      await delay(2);
    }
  }
}

/**
 * Lets the broker do all it can do now. It works in microtasks and immediates only (parked records aside), so after some turns
 * of the event loop what has not happened will not happen: the way to show that nothing arrives.
 */
export async function allQuiet(turns = 20): Promise<void> {
  for (let index = 0; index < turns; index += 1) await turn();
}

/** Whether a promise has resolved or rejected by now. */
export async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = (): void => {
    settled = true;
  };
  promise.then(note, note);
  await allQuiet();
  return settled;
}
