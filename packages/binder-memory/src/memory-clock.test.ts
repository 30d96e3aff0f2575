import { eventually } from '../test/eventually';
import { MemoryClock } from './memory-clock';

describe('the clock of a broker', () => {
  test('rings in order of time, never early', async () => {
    const clock = new MemoryClock();
    const start = performance.now();
    const rung: { name: number; after: number }[] = [];
    for (const name of [60, 10, 35]) clock.after(name, () => rung.push({ name, after: performance.now() - start }));
    await eventually(() => expect(rung.map(({ name }) => name)).toEqual([10, 35, 60]));
    for (const { name, after } of rung) expect(after).toBeGreaterThanOrEqual(name);
  });

  test('a cancelled alarm does not ring, the others do', async () => {
    const clock = new MemoryClock();
    const rung: string[] = [];
    const cancelled = clock.after(5, () => rung.push('cancelled'));
    clock.after(10, () => rung.push('kept'));
    clock.cancel(cancelled);
    clock.cancel(cancelled);
    await eventually(() => expect(rung).toEqual(['kept']));
  });

  test('waits of weeks do not ring at once', async () => {
    const clock = new MemoryClock();
    const rung: string[] = [];
    clock.after(2 ** 40, () => rung.push('much too early'));
    clock.after(5, () => rung.push('soon'));
    await eventually(() => expect(rung).toContain('soon'));
    expect(rung).toEqual(['soon']);
    clock.close();
  });

  test('never keeps the process alive', () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const clock = new MemoryClock();
    clock.after(60_000, () => {});
    expect(timers()).toBe(before);
    clock.close();
  });
});
