import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { sample } from '../src/cast/sampler';
import type { SampleEntry } from '../src/ledger/entry';

/** The next sample that was taken right after garbage was collected: with 5 s between two, every one. */
function nextSample(): Promise<SampleEntry> {
  return new Promise((resolve) => {
    const end = sample(5_000, (entry) => {
      end();
      resolve(entry);
    });
    jest.advanceTimersByTime(5_000);
  });
}

test('garbage that nobody has collected yet is no growth', async () => {
  jest.useFakeTimers();
  setFlagsFromString('--expose-gc');
  const before = globalThis.gc;
  globalThis.gc = runInNewContext('gc') as NonNullable<typeof globalThis.gc>;
  try {
    const lists = Array.from({ length: 4 }, (_, round) =>
      Array.from({ length: 100_000 }, (_, index) => `${round} ${index}`),
    );
    expect(lists.flat()).toHaveLength(400_000);
    lists.length = 0;
    const heapMb = process.memoryUsage().heapUsed / 1_024 / 1_024;
    expect((await nextSample()).heapMb).toBeLessThan(heapMb - 10);
  } finally {
    globalThis.gc = before;
    jest.useRealTimers();
  }
});
