/**
 * The wait before attempt `failures + 1`, in milliseconds: doubled each time up to `max`, then shortened by chance by up to half,
 * so that many who lost the same broker do not all come back at the same moment.
 */
export function backOff(
  failures: number,
  { initial, max }: { readonly initial: number; readonly max: number },
): number {
  const longest = Math.min(max, initial * 2 ** Math.min(failures, 30));
  return longest * (0.5 + Math.random() / 2);
}
