/** Whether the promise settles in time. Leaves no timer behind. */
export async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the promise has settled, well or not, within the time. Leaves no timer behind. */
export function finishedWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  return within(
    promise.catch(() => undefined),
    ms,
  );
}
