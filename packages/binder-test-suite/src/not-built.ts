import type { CheckId } from './check';

/**
 * Checks whose subject core does not have yet, and what is missing. They are reported as skipped. When the feature is there,
 * its line goes, and the check (written already, where it could be expressed) runs.
 */
export const notBuilt: Readonly<Record<CheckId, string>> = Object.freeze({
  A13: 'several classes on a channel, and filters (when)',
  A14: 'several classes on a channel, and filters (when)',
  A21: 'the context of a conversation (correlation and causation)',
  C7: 'acknowledging by hand',
  C8: 'acknowledging by hand',
  C14: 'a context of the message',
  D5: 'delayed retry by configuration (retry.delays)',
  D9: 'retry by kind of error',
  D12: 'holding back what a failed handler sent',
  D15: 'delayed retry by configuration (retry.delays)',
  D19: 'a context of the message',
  E9: 'dead letters by kind of error',
  E10: 'a place of its own for invalid messages (deadLetter.invalidDestination)',
  E12: 'a limit for poison',
  E14: 'interceptors',
  E16: 'messages that expire',
  E17: 'mandatory sends',
  G7: 'changing the concurrency while running',
  G9: 'a rate limit',
  G10: 'exclusive consumers',
  G12: 'batch handlers',
  G13: 'pausing by load',
  G15: 'overflow rules',
});
