/** Whether a value is certainly valid; `false` leaves it to the validator. */
export type QuickCheck = (value: unknown) => boolean;

/** In longer texts the validator's own search is faster. */
const SHORT = 64;
const FIRST_SURROGATE = 0xd800;

/**
 * For validators of the library that are dear beside what they find out as a rule: those of lengths search every text for pairs of
 * surrogates and for variation selectors, which they do not count.
 *
 * @param name of the validator, as in `ValidationError.constraints`
 */
export function quickCheckOf(name: string, constraints: readonly unknown[]): QuickCheck | undefined {
  const [first, second] = constraints;
  switch (name) {
    case 'isLength':
      return lengthWithin(first, second ?? Number.MAX_SAFE_INTEGER);
    case 'minLength':
      return lengthWithin(first, Number.MAX_SAFE_INTEGER);
    case 'maxLength':
      return lengthWithin(0, first);
    default:
      return undefined;
  }
}

function lengthWithin(least: unknown, most: unknown): QuickCheck | undefined {
  if (!Number.isSafeInteger(least) || !Number.isSafeInteger(most)) return undefined;
  const longest = Math.min(SHORT, most as number);
  return (value) =>
    typeof value === 'string' && value.length >= (least as number) && value.length <= longest && isCounted(value);
}

/** Whether each of its characters counts as one. */
function isCounted(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) >= FIRST_SURROGATE) return false;
  return true;
}
