import assert from 'node:assert/strict';
import type { Capabilities } from '@millrace/core/spi';
import type { Check, CheckId } from '../check';

/** Where each capability is put to the test. A new one does not compile without an entry here. */
export const provenBy: Readonly<Record<keyof Capabilities, CheckId>> = {
  groups: 'A7',
  history: 'A1',
  durable: 'H11',
  partitions: 'G11',
  delayedRequeue: 'D13',
  countsDeliveries: 'D3',
  deadLetters: 'E1',
  tombstones: 'B1',
  patterns: 'A12',
  exactlyOnce: 'J10',
};

export const claims: readonly Check[] = [
  {
    id: 'Q18',
    title: 'the binder claims what is declared of it, no more and no less',
    run: async (test) => {
      const { capabilities } = await test.binder();
      assert.deepEqual({ ...capabilities }, { ...test.capabilities });
    },
  },
];
