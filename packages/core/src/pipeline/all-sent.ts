/** The answer of every send that is held until the handler has succeeded: one promise for all. */
export const held: Promise<void> = Promise.resolve();

/** When all are settled. Rejects with the first refusal; one alone, the usual case, is its own answer. */
export function allSent(sends: readonly Promise<void>[]): Promise<void> | undefined {
  if (sends.length < 2 || sends.every((send) => send === held)) return sends[0];
  return Promise.allSettled(sends).then((results) => {
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  });
}
