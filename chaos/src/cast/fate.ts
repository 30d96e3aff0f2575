import { hashOf } from './hash';

/** `doomed`: every attempt fails. `stumbles`: the first attempt of each delivery fails. */
export type Fate = 'fine' | 'stumbles' | 'doomed';

const DOOMED_PERCENT = 5;
const STUMBLING_PERCENT = 10;

/** What the workers make of a message: decided by the message, so that every delivery of it meets the same. */
export function fateOf(key: string, number: number): Fate {
  const percent = hashOf(`${key}?${number}`) % 100;
  if (percent < DOOMED_PERCENT) return 'doomed';
  return percent < DOOMED_PERCENT + STUMBLING_PERCENT ? 'stumbles' : 'fine';
}
