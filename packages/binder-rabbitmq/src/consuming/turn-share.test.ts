import { setImmediate as nextTurn } from 'node:timers/promises';
import { TurnShare } from './turn-share';

function keepBusy(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** Hands over while its share lasts, and goes on in the next turn, as a consumer does. */
function handingOver(costMs: number) {
  const handed: number[] = [];
  const waiting: number[] = [];
  const pump = (): void => {
    while (waiting.length > 0 && !share.isSpent) {
      share.take();
      keepBusy(costMs);
      handed.push(waiting.shift() as number);
    }
  };
  const share = new TurnShare(pump);
  const take = (records: number): void => {
    waiting.push(...Array.from({ length: records }, (_, index) => index));
    pump();
  };
  return { handed, take };
}

test('records that take long leave the turn to others after a few of them, and go on in the next, in their order', async () => {
  const { handed, take } = handingOver(1);
  take(100);
  const inOneTurn = handed.length;
  expect(inOneTurn).toBeGreaterThan(0);
  expect(inOneTurn).toBeLessThan(50);
  await nextTurn();
  expect(handed.length).toBeGreaterThan(inOneTurn);
  expect(handed.length).toBeLessThan(100);
  while (handed.length < 100) await nextTurn();
  expect(handed).toEqual(Array.from({ length: 100 }, (_, index) => index));
});

test('a new turn has a new share', async () => {
  const { handed, take } = handingOver(1);
  for (let turn = 0; turn < 5; turn += 1) {
    take(10);
    await nextTurn();
  }
  while (handed.length < 50) await nextTurn();
  expect(handed).toHaveLength(50);
});
