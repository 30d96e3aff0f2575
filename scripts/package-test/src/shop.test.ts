// For Jest and for vitest: both put `test` and `expect` into the global scope when asked to.
import { orderLatte } from './shop.js';

test('a latte is ordered and served', async () => {
  expect(await orderLatte()).toBe('hot latte');
});
