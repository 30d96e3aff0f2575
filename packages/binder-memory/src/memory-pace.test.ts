import { setImmediate as nextTurn } from 'node:timers/promises';
import { MemoryPace } from './memory-pace';

const spendTurn = (pace: MemoryPace): void => {
  while (!pace.turnIsSpent) pace.spend();
};

describe('the pace of a broker', () => {
  test('work runs soon, not at once, and before the next turn of the event loop', async () => {
    const pace = new MemoryPace();
    const order: string[] = [];
    setImmediate(() => order.push('next turn'));
    pace.run(() => order.push('work'));
    order.push('caller');
    await nextTurn();
    expect(order).toEqual(['caller', 'work', 'next turn']);
  });

  test('when the turn is spent, work and senders wait for the next one', async () => {
    const pace = new MemoryPace();
    const order: string[] = [];
    spendTurn(pace);
    pace.run(() => order.push('work'));
    void pace.nextTurn().then(() => order.push('sender'));
    await Promise.resolve();
    expect(order).toEqual([]);
    await nextTurn();
    expect(order.sort()).toEqual(['sender', 'work']);
    expect(pace.turnIsSpent).toBe(false);
  });

  test('who uses up every turn does not keep the others from theirs', async () => {
    const pace = new MemoryPace();
    const order: string[] = [];
    const greedy = (): void => {
      order.push('greedy');
      spendTurn(pace);
      if (order.length < 6) pace.run(greedy);
    };
    spendTurn(pace);
    for (const work of [greedy, () => order.push('one'), () => order.push('other')]) pace.run(work);
    while (order.length < 6) await nextTurn();
    expect(order.slice(0, 4)).toEqual(['greedy', 'one', 'other', 'greedy']);
  });

  test('close runs nothing more and leaves no sender waiting', async () => {
    const pace = new MemoryPace();
    const order: string[] = [];
    spendTurn(pace);
    pace.run(() => order.push('work'));
    const sender = pace.nextTurn();
    pace.close();
    pace.run(() => order.push('late'));
    await Promise.all([sender, pace.nextTurn()]);
    await nextTurn();
    expect(order).toEqual([]);
  });
});
