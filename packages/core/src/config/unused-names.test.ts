import type { MillraceConfig } from './config-schema';
import { faultText } from './faults';
import { loadConfig } from './load-config';
import { unusedNames } from './unused-names';

const warnings = async (bindings: NonNullable<MillraceConfig['bindings']>) => {
  const { config } = await loadConfig({ app: 'shop', bindings }, { environment: {} });
  const sinks = [
    { channel: 'orders', group: 'baristas' },
    { channel: 'orders', group: undefined },
  ];
  return unusedNames(config, { channels: ['orders', 'payments'], sinks }).map((fault) => faultText(fault));
};

test('a configured channel that no component names is told with the nearest', async () => {
  expect(await warnings({ ordres: {}, orders: {}, payments: {} })).toEqual([
    "bindings.ordres: no component names the channel 'ordres'. Did you mean 'orders'?",
  ]);
});

test('a group that no sink of the channel has is told with the nearest; the name of the application is a group', async () => {
  expect(
    await warnings({ orders: { groups: { baristas: {}, shop: {}, barista: {} } }, payments: { groups: { any: {} } } }),
  ).toEqual([
    "bindings.orders.groups.barista: no sink of channel 'orders' has the group 'barista'. Did you mean 'baristas'?",
    "bindings.payments.groups.any: no sink of channel 'payments' has the group 'any'. There is none to choose from.",
  ]);
});
