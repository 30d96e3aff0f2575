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

test('brakes are laid over one another key by key, filled in with defaults, and turned off by false', async () => {
  const options = { group: 'baristas', brake: { failures: 5 }, circuitBreaker: {}, rateLimit: { messages: 9 } };
  const planOf = async (consumer: string) => {
    const { planner: plans, faults } = await planner(`bindings:\n  orders:\n    consumer: ${consumer}`);
    const plan = plans.consumer(orders, [{ owner: 'Barista.brew', options }]);
    expect(faults.count).toBe(0);
    return plan?.settings;
  };
  expect(await planOf('{ brake: { wait: 5s }, circuitBreaker: { openFor: 1m } }')).toMatchObject({
    brake: { failures: 5, wait: 5_000 },
    circuitBreaker: { failures: 20, openFor: 60_000 },
    rateLimit: { messages: 9, per: 1_000 },
  });
  expect(await planOf('{ brake: false, circuitBreaker: false, rateLimit: false }')).toMatchObject({
    brake: false,
    circuitBreaker: false,
    rateLimit: false,
  });
});

test('brakes that could never do what they say are faults', async () => {
  const { planner: plans, faults } = await planner(
    'bindings:\n  orders:\n    consumer: { brake: {}, circuitBreaker: { failures: 10 }, rateLimit: { messages: 5, per: 0 } }',
  );
  plans.consumer(orders, [{ owner: 'Barista.brew', options: { batch: { size: 6 } } }]);
  expect(faults.describe('the configuration').split('\n').slice(1)).toEqual([
    "  - bindings.orders.consumer.circuitBreaker.failures (line 3): the circuit breaker opens after 10 failures in a row, so the brake, which waits for 10, is never put on. Let the brake come first, or drop one of 'brake' and 'circuitBreaker'.",
    '  - bindings.orders.consumer.rateLimit.per (line 3): no time at all is no limit. Give it a length such as 1s.',
    '  - bindings.orders.consumer.batch.size (line 3): a batch of 6 never fits into a rate limit of 5 messages. Make the batches smaller, or the span longer with as many more messages.',
  ]);
});

test('a rate limit without its number is a fault', async () => {
  const { planner: plans, faults } = await planner('bindings:\n  orders:\n    consumer: { rateLimit: { per: 1s } }');
  plans.consumer(orders, [{ owner: 'Barista.brew', options: {} }]);
  expect(faults.describe('it')).toMatch(/bindings\.orders\.consumer\.rateLimit\.messages.*: it is missing/);
});
