import { z } from 'zod';
import { readBinderOptions } from './binder-options';
import type { MillraceConfig } from './config-schema';
import { Faults } from './faults';
import { loadConfig } from './load-config';
import type { NamesInCode } from './names-in-code';
import type { Environment } from './variables';

const load = (given: MillraceConfig, environment: Environment, names?: NamesInCode) =>
  loadConfig(given, { environment, ...(names && { names }) });

test('a variable is stronger than the file, and leaves its neighbours alone', async () => {
  const given = { bindings: { orders: { destination: 'a', consumer: { concurrency: 2, ordering: 'key' } } } } as const;
  const { config } = await load(given, { MILLRACE__BINDINGS__ORDERS__CONSUMER__CONCURRENCY: '8' });
  expect(config.bindings.orders).toEqual({ destination: 'a', consumer: { concurrency: 8, ordering: 'key' } });
  expect(given.bindings.orders.consumer.concurrency).toBe(2);
});

test.each(['MILLRACE__DEFAULTBINDER', 'MILLRACE__DEFAULT_BINDER', 'MILLRACE__defaultBinder'])(
  '%s is defaultBinder',
  async (name) => {
    const { config } = await load({ binders: { a: { type: 'memory' }, b: { type: 'memory' } } }, { [name]: 'b' });
    expect(config.defaultBinder).toBe('b');
  },
);

test.each(['orders.copy', 'orders-copy', 'ordersCopy', 'orders_copy'])(
  'ORDERS_COPY is the channel %s, from file or code',
  async (channel) => {
    const environment = { MILLRACE__BINDINGS__ORDERS_COPY__DESTINATION: 'x' };
    const expected = { [channel]: { destination: 'x' } };
    expect((await load({ bindings: { [channel]: {} } }, environment)).config.bindings).toEqual(expected);
    expect((await load({}, environment, { channels: [channel], sinks: [] })).config.bindings).toEqual(expected);
  },
);

test('groups of sinks are found by the same rule', async () => {
  const names = { channels: ['orders'], sinks: [{ channel: 'orders', group: 'night-shift' }] };
  const { config } = await load(
    {},
    { MILLRACE__BINDINGS__ORDERS__GROUPS__NIGHT_SHIFT__RETRY__MAX_ATTEMPTS: '9' },
    names,
  );
  expect(config.bindings).toEqual({ orders: { groups: { 'night-shift': { retry: { maxAttempts: 9 } } } } });
});

test('a name that nobody has is taken in lower case, so that a binder can come from the environment alone', async () => {
  const { config } = await load({}, { MILLRACE__BINDERS__MAIN__TYPE: 'memory' });
  expect(config.binders).toEqual({ main: { type: 'memory', startup: 'fail' } });
});

test('a name that may mean two is a fault, as are two variables for one key', async () => {
  const two = load({ bindings: { 'a.b': {}, 'a-b': {} } }, { MILLRACE__BINDINGS__A_B__BINDER: 'memory' });
  await expect(two).rejects.toThrow("MILLRACE__BINDINGS__A_B__BINDER: 'A_B' may mean 'a.b' or 'a-b'");
  await expect(load({}, { MILLRACE__APP: 'x', MILLRACE__app: 'y' })).rejects.toThrow(
    "it sets 'app', and so does MILLRACE__APP",
  );
});

test('unknown keys are faults that name the variable and the nearest key', async () => {
  const loading = load(
    {},
    {
      MILLRACE__BINDNGS__ORDERS__BINDER: 'x',
      MILLRACE__BINDINGS__ORDERS__CONSUMR__BATCH: 'x',
      MILLRACE__APP__NAME: 'x',
      MILLRACE__: 'x',
    },
  );
  await expect(loading).rejects.toThrow(
    "MILLRACE__BINDNGS__ORDERS__BINDER: there is no key 'bindngs'. Did you mean 'bindings'?",
  );
  await expect(loading).rejects.toThrow("there is no key 'consumr' below 'bindings.orders'. Did you mean 'consumer'?");
  await expect(loading).rejects.toThrow(
    "MILLRACE__APP__NAME: there is nothing below 'app'. Set MILLRACE__APP instead.",
  );
  await expect(loading).rejects.toThrow('MILLRACE__: one of its levels has no name');
});

test('a wrong value is told with key and variable', async () => {
  const loading = load({}, { MILLRACE__BINDINGS__ORDERS__CONSUMER__CONCURRENCY: 'four' });
  await expect(loading).rejects.toThrow(
    'bindings.orders.consumer.concurrency (MILLRACE__BINDINGS__ORDERS__CONSUMER__CONCURRENCY): found text. Expected: a whole number, at least 1.',
  );
});

test('MILLRACE_ with one underscore is somebody else', async () => {
  expect((await load({}, { MILLRACE_APP: 'x' })).config.app).toBe('application');
});

describe("a binder's own options, whose schema is found later", () => {
  const schema = z.strictObject({
    brokers: z.array(z.string()),
    clientId: z.string().optional(),
    tls: z.strictObject({ caFile: z.string() }).optional(),
    requestTimeout: z.number().optional(),
    password: z.string().optional(),
  });
  const read = async (environment: Environment) => {
    const { config, origin } = await load({ binders: { main: { type: 'x' } } }, environment);
    const faults = new Faults(origin);
    const entry = config.binders.main;
    return { read: entry && readBinderOptions(schema, entry, 'binders.main', faults), told: faults.describe('it') };
  };

  test('names are spelled as the schema has them, and text is read as it wants it', async () => {
    const { read: options } = await read({
      MILLRACE__BINDERS__MAIN__BROKERS: 'a:9092, b:9092',
      MILLRACE__BINDERS__MAIN__CLIENT_ID: '17',
      MILLRACE__BINDERS__MAIN__TLS__CAFILE: 'ca.pem',
      MILLRACE__BINDERS__MAIN__REQUESTTIMEOUT: '250',
      MILLRACE__BINDERS__MAIN__PASSWORD: '00123',
      MILLRACE__BINDERS__MAIN__STARTUP: 'retry',
    });
    expect(options).toEqual({
      startup: 'retry',
      options: {
        brokers: ['a:9092', 'b:9092'],
        clientId: '17',
        tls: { caFile: 'ca.pem' },
        requestTimeout: 250,
        password: '00123',
      },
    });
  });

  test('faults name the variable and never the value', async () => {
    const { read: options, told } = await read({
      MILLRACE__BINDERS__MAIN__BROKERS: '[a]',
      MILLRACE__BINDERS__MAIN__PASSWRD: 'hidden',
      MILLRACE__BINDERS__MAIN__REQUEST_TIMEOUT: 'hidden',
    });
    expect(options).toBeUndefined();
    expect(told).toContain(
      "binders.main.passwrd (MILLRACE__BINDERS__MAIN__PASSWRD): there is no such key. Did you mean 'password'?",
    );
    expect(told).toContain(
      'binders.main.requestTimeout (MILLRACE__BINDERS__MAIN__REQUEST_TIMEOUT): found text. Expected: a number.',
    );
    expect(told).not.toContain('hidden');
  });
});

test("a misspelled key of core in a binder's entry is told with core's keys", () => {
  const faults = new Faults();
  readBinderOptions(z.strictObject({}), { type: 'memory', startup: 'fail', startUp: 'retry' }, 'binders.main', faults);
  expect(faults.describe('it')).toContain("binders.main.startUp: there is no such key. Did you mean 'startup'?");
});
