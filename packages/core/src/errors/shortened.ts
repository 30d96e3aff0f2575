const LONGEST = 128;

/** What a stranger sent, for an error message: it may be of any length. */
export function shortened(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}
