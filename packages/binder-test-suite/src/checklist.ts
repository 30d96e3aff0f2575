/** Sections of the checklist that the suite covers, by letter. Their checks stand in `checks/`. */
export const sections = Object.freeze({
  A: 'Publish and consume',
  B: 'Bodies and headers',
  C: 'Acknowledgement',
  D: 'Retry',
  E: 'Dead letter',
  G: 'Order and concurrency',
  H: 'Life cycle',
  J: 'Exactly once',
  M: 'Inbox',
  O: 'Batches',
  P: 'Health and outages',
  Q: 'Claims and bad bytes',
});

/** How many lines each section has. A check for every one of them must exist; `checklist.test.ts` sees to it. */
export const lineCounts: Readonly<Record<string, number>> = Object.freeze({
  A: 22,
  B: 29,
  C: 14,
  D: 19,
  E: 17,
  G: 15,
  H: 18,
  O: 7,
});
