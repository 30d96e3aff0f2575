/**
 * A name without case and punctuation. Environment variables can spell neither `orders.copy` nor `defaultBinder`, so names
 * are the same there when only their letters and digits are: `ORDERS_COPY`, `DEFAULTBINDER` or `DEFAULT_BINDER`.
 */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
