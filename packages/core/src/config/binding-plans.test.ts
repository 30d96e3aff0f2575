import { z } from 'zod';
import { temporaryFolders } from '../../test/temporary-folder';
import { type ChannelToken, channel } from '../channel/channel';
import { BindingPlanner } from './binding-plans';
import { Faults } from './faults';
import { loadConfig } from './load-config';

const folder = temporaryFolders();
class Order {}
const orders = channel('orders', Order) as unknown as ChannelToken<unknown>;

async function planner(yaml: string, environment: Readonly<Record<string, string>> = {}) {
  const { config, origin } = await loadConfig(undefined, { directory: folder({ 'millrace.yaml': yaml }), environment });
  const faults = new Faults(origin);
  const natives = () => z.strictObject({ startFrom: z.enum(['earliest', 'latest']).default('earliest') });
  return { planner: new BindingPlanner(config, natives, faults), faults };
}

test('two binders and no default: the binding that lacks one is named once, with line and remedy', async () => {
  const { planner: plans, faults } = await planner(
    'binders:\n  a: { type: memory }\n  b: { type: memory }\nbindings:\n  orders: {}\n',
  );
  plans.producer(orders);
  plans.consumer(orders, [{ owner: 'Barista.brew', options: {} }]);
  expect(faults.describe('the configuration')).toBe(
    "the configuration has 1 fault:\n  - bindings.orders.binder (line 5): channel 'orders' has no binder, and there are several: a, b. Set it, or set 'defaultBinder'.",
  );
});

test("the binder's own options of a binding are planned as its schema reads them, also from the environment", async () => {
  const { planner: plans, faults } = await planner('app: shop', {
    MILLRACE__BINDINGS__ORDERS__CONSUMER__NATIVE__START_FROM: 'latest',
  });
  const plan = plans.consumer(orders, [{ owner: 'Barista.brew', options: {} }]);
  expect(plan?.settings.native).toEqual({ startFrom: 'latest' });
  expect(plans.producer(orders)?.settings.native).toEqual({ startFrom: 'earliest' });
  expect(faults.count).toBe(0);
});

test('the group is stronger than the consumer, which is stronger than the decorator', async () => {
  const { planner: plans } = await planner(
    'bindings:\n  orders:\n    consumer: { retry: { maxAttempts: 5 }, timeout: 1s }\n    groups: { baristas: { timeout: 2s } }',
    { MILLRACE__BINDINGS__ORDERS__GROUPS__BARISTAS__CONCURRENCY: '7' },
  );
  const options = {
    group: 'baristas',
    concurrency: 2,
    timeout: '9s',
    retry: { maxAttempts: 9, backOff: { initial: 5 } },
  } as const;
  const plan = plans.consumer(orders, [{ owner: 'Barista.brew', options }]);
  expect(plan?.settings).toMatchObject({
    concurrency: 7,
    timeout: 2_000,
    retry: { maxAttempts: 5, backOff: { initial: 5, multiplier: 2 } },
  });
});
