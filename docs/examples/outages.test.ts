import { type TestApplication, testApplication } from '@millrace/testing';
import { Baker, Loaf, tryNow, watch } from './outages';

let shop: TestApplication;

beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate', 'clearImmediate', 'nextTick', 'queueMicrotask'] }));
afterEach(async () => {
  jest.useRealTimers();
  await shop.stop();
});

const pass = async (seconds: number): Promise<void> => {
  for (let tenth = 0; tenth < seconds * 10; tenth += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    await jest.advanceTimersByTimeAsync(100);
  }
};

test('an oven that is cold for a while: slower, then paused, then tried, then all is baked', async () => {
  shop = await testApplication({ components: [Baker], config: { app: 'bakery' } });
  const alerts: string[] = [];
  watch(shop.app, (line) => alerts.push(line));
  const baker = shop.get(Baker);
  baker.oven = () => Promise.reject(new Error('the oven is cold'));
  for (const id of ['1', '2', '3', '4', '5', '6']) await shop.emit(Loaf, Object.assign(new Loaf(), { id }));
  const binding = shop.app.binding('loaves/bakery');
  await pass(1);
  expect(binding?.brake).toBe('slow');
  await pass(9);
  expect(binding).toMatchObject({ brake: 'open', state: 'paused' });
  expect(alerts).toEqual(['loaves/bakery: 10 failures in a row, paused for 30000 ms: Error: the oven is cold']);
  baker.oven = () => Promise.resolve();
  await tryNow(shop.app);
  await pass(1);
  expect(binding).toMatchObject({ brake: 'off', state: 'running' });
  expect(alerts.at(-1)).toBe('loaves/bakery: works again');
  await shop.settled();
  expect([...baker.baked].sort()).toEqual(['1', '2', '3', '4', '5', '6']);
  expect(await shop.deadLetters(Loaf)).toEqual([]);
});
