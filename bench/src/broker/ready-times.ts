import type { OwnMeasures } from '../measure/workload';

/**
 * How long it takes until one binding is ready, and until many are that start together.
 *
 * @param open resolves when so many bindings are ready, with what closes them
 * @returns milliseconds: `one`, `many`; and `times`, the second in multiples of the first
 */
export async function readyTimes(
  most: number,
  open: (count: number) => Promise<() => Promise<unknown>>,
): Promise<OwnMeasures> {
  const timed = async (count: number): Promise<number> => {
    const startedAt = performance.now();
    const close = await open(count);
    const took = performance.now() - startedAt;
    await close();
    return took;
  };
  // Loads and compiles what both share.
  await timed(1);
  const one = await timed(1);
  const many = await timed(most);
  return { one, many, times: many / one };
}
