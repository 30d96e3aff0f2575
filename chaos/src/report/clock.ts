/** Minutes and seconds since the beginning. */
export function clock(ms: number): string {
  const seconds = Math.max(0, ms / 1_000);
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${(seconds % 60).toFixed(1).padStart(4, '0')}`;
}
