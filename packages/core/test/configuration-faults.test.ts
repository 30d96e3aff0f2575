import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MillraceConfig, MillraceError, Sink } from '@millrace/core';
import { Order } from './messages';
import { useWorld } from './world';

const world = useWorld();

class Barista {
  @Sink(Order, { group: 'baristas' }) brew(_order: Order): void {}
}

class Cashier {
  @Sink(Order, { group: 'cashiers' }) bill(_order: Order): void {}
}

async function refusal(config: unknown, components: readonly (new () => object)[] = [Barista]): Promise<string> {
  const error = await world()
    .create({ components, config: config as MillraceConfig })
    .then(
      () => undefined,
      (reason: unknown) => reason,
    );
  if (!MillraceError.is(error, 'CONFIGURATION_INVALID'))
    throw new Error(`expected CONFIGURATION_INVALID, got ${String(error)}`);
  return error.message;
}

test.each<[string, unknown, RegExp]>([
  ['at the top', { bindngs: {} }, /- bindngs: there is no such key\. Did you mean 'bindings'\?/],
  [
    'in a binding',
    { bindings: { orders: { destinaton: 'x' } } },
    /- bindings\.orders\.destinaton: there is no such key\. Did you mean 'destination'\?/,
  ],
  [
    'in consumer options',
    { bindings: { orders: { consumer: { concurency: 2 } } } },
    /- bindings\.orders\.consumer\.concurency: there is no such key\. Did you mean 'concurrency'\?/,
  ],
  [
    'in the options of a group',
    { bindings: { orders: { groups: { baristas: { retry: { maxAttemps: 2 } } } } } },
    /- bindings\.orders\.groups\.baristas\.retry\.maxAttemps: there is no such key\. Did you mean 'maxAttempts'\?/,
  ],
  [
    'in producer options',
    { bindings: { orders: { producer: { kee: 'id' } } } },
    /- bindings\.orders\.producer\.kee: there is no such key\. Did you mean 'key'\?/,
  ],
])('an unknown key %s is named with its path and the key that was meant', async (_where, config, sentence) => {
  expect(await refusal(config)).toMatch(sentence);
});

test('an unknown key of a binder and of its native options is named', async () => {
  expect(await refusal({ binders: { local: { type: 'memory', partitons: 3 } } })).toMatch(
    /- binders\.local\.partitons: there is no such key/,
  );
  expect(await refusal({ bindings: { orders: { consumer: { native: { startForm: 'latest' } } } } })).toMatch(
    /- bindings\.orders\.consumer\.native\.startForm: there is no such key\. Did you mean 'startFrom'\?/,
  );
});

test('a binder that is not configured is named with the one that was meant', async () => {
  const binders = { local: { type: 'memory' }, other: { type: 'memory' } };
  expect(await refusal({ binders, bindings: { orders: { binder: 'locl' } } })).toMatch(
    /- bindings\.orders\.binder: there is no binder 'locl'\. Did you mean 'local'\?/,
  );
  expect(await refusal({ binders, defaultBinder: 'othr' })).toMatch(
    /- defaultBinder: there is no binder 'othr'\. Did you mean 'other'\?/,
  );
});

test('several binders and no default: the binding that lacks one is named', async () => {
  const binders = { local: { type: 'memory' }, other: { type: 'memory' } };
  expect(await refusal({ binders })).toMatch(
    /- bindings\.orders\.binder: channel 'orders' has no binder, and there are several: local, other\. Set it, or set 'defaultBinder'\./,
  );
});

test('one mistake that several sinks meet is told once', async () => {
  const binders = { local: { type: 'memory' }, other: { type: 'memory' } };
  expect(await refusal({ binders }, [Barista, Cashier])).toMatch(/has 1 fault:/);
});

test('a binder whose package is not installed is named with the package to install', async () => {
  const message = await refusal({ binders: { broker: { type: 'carrier-pigeon' } } });
  expect(message).toMatch(/- binders\.broker\.type: .*carrier-pigeon/);
  expect(message).toContain('@millrace/binder-carrier-pigeon');
});

test.each<[string, unknown, RegExp]>([
  [
    'text for a number',
    { bindings: { orders: { consumer: { concurrency: 'many' } } } },
    /- bindings\.orders\.consumer\.concurrency: /,
  ],
  [
    'a fraction for a count',
    { bindings: { orders: { consumer: { retry: { maxAttempts: 1.5 } } } } },
    /- bindings\.orders\.consumer\.retry\.maxAttempts: /,
  ],
  [
    'zero attempts',
    { bindings: { orders: { consumer: { retry: { maxAttempts: 0 } } } } },
    /- bindings\.orders\.consumer\.retry\.maxAttempts: /,
  ],
  ['a list for an object', { bindings: [] }, /- bindings: /],
  [
    'an unknown ordering',
    { bindings: { orders: { consumer: { ordering: 'sorted' } } } },
    /- bindings\.orders\.consumer\.ordering: .*partition.*key.*none/,
  ],
  ['a duration without a unit', { drainTimeout: '10' }, /- drainTimeout: .*'?10/],
  [
    'a duration of an unknown unit',
    { bindings: { orders: { consumer: { timeout: '3 fortnights' } } } },
    /- bindings\.orders\.consumer\.timeout: /,
  ],
  ['a negative duration', { drainTimeout: -1 }, /- drainTimeout: /],
  [
    'a shrinking back-off',
    { bindings: { orders: { consumer: { retry: { backOff: { multiplier: 0.5 } } } } } },
    /- bindings\.orders\.consumer\.retry\.backOff\.multiplier: /,
  ],
])('%s is refused with its path', async (_what, config, sentence) => {
  expect(await refusal(config)).toMatch(sentence);
});

test('all faults of a configuration come in one error', async () => {
  const message = await refusal({
    ap: 'shop',
    drainTimeout: 'soon',
    bindings: { orders: { destinaton: 'x', consumer: { concurrency: 0, orderin: 'key' } } },
  });
  expect(message).toMatch(/^the configuration has 5 faults:\n/);
  expect(message.split('\n')).toHaveLength(6);
});

test('options of a decorator are held against the same rules, and name class and method', async () => {
  class Hasty {
    @Sink(Order, { retry: { maxAttempts: -1 }, timeout: 'soon' as never }) take(_order: Order): void {}
  }
  const message = await refusal({}, [Hasty]);
  expect(message).toMatch(/- Hasty\.take @Sink options\.retry\.maxAttempts: /);
  expect(message).toMatch(/- Hasty\.take @Sink options\.timeout: /);
});

test('a sink that is a broadcast and has a group is told to choose', async () => {
  class Both {
    @Sink(Order, { broadcast: true, group: 'x' }) take(_order: Order): void {}
  }
  expect(await refusal({}, [Both])).toMatch(
    /- Both\.take: a sink is either a broadcast or has a group\. Drop 'broadcast' or 'group'\./,
  );
});

test('a sink added while running is held against the same rules, and nothing is bound', async () => {
  const app = await world().start();
  await expect(app.sink(Order, { concurrency: 0 }, () => undefined)).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringContaining('concurrency'),
  });
  expect(app.bindings()).toEqual([]);
});

describe('a configuration file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  test('is read, and its faults name the file', async () => {
    const path = file('millrace.yaml', 'app: shop\nbindings:\n  orders:\n    destinaton: x\n');
    await expect(world().create({ components: [Barista], config: path })).rejects.toThrow(
      /millrace\.yaml has 1 fault:\n.*bindings\.orders\.destinaton.*Did you mean 'destination'\?/,
    );
  });

  test('that is no YAML is refused by its name', async () => {
    const path = file('millrace.yaml', 'app: [unclosed\n');
    await expect(world().create({ config: path })).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining('millrace.yaml'),
    });
  });

  test('that is not there is refused by its name', async () => {
    await expect(world().create({ config: join(folder, 'nowhere.yaml') })).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining('nowhere.yaml'),
    });
  });

  test('decides destination and group', async () => {
    const path = file('millrace.yaml', 'app: cafe\nbindings:\n  orders:\n    destination: coffee.orders\n');
    const app = await world().create({ config: path });
    await app.sink(Order, {}, () => undefined);
    expect(app.bindings()).toEqual([expect.objectContaining({ name: 'orders/cafe', destinations: ['coffee.orders'] })]);
  });
});
