// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the files under test have variables
import { temporaryFolders } from '../../test/temporary-folder';
import type { MillraceConfig } from './config-schema';
import { loadConfig } from './load-config';
import type { Environment } from './variables';

const folder = temporaryFolders();

const load = (files: Record<string, string>, environment: Environment = {}, given?: string) =>
  loadConfig(given, { directory: folder(files), environment });
const yaml = (text: string, environment: Environment = {}) => load({ 'millrace.yaml': text }, environment);
const faultsOf = async (loading: Promise<unknown>): Promise<string> => {
  const error = await loading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: 'CONFIGURATION_INVALID' });
  return (error as Error).message;
};

describe('where the configuration comes from', () => {
  test.each([
    ['millrace.yaml', 'app: shop'],
    ['millrace.yml', 'app: shop'],
    ['millrace.json', '{\n\t"$schema": "x.json",\n\t"app": "shop"\n}'],
    ['millrace.ts', `export default { app: 'shop' as string };`],
    ['millrace.ts', `export default async (): Promise<{ app: string }> => ({ app: 'shop' });`],
    ['millrace.js', `module.exports = { app: 'shop' };`],
    ['millrace.cjs', `module.exports = () => ({ app: 'shop' });`],
  ])('%s in the working directory is found: %s', async (name, text) => {
    const { config, origin } = await load({ [name]: text });
    expect(config.app).toBe('shop');
    expect(origin.name).toMatch(new RegExp(`${name}$`));
  });

  test('without any, channels are carried in memory', async () => {
    const { config } = await load({});
    expect(config).toMatchObject({ app: 'application', binders: { memory: { type: 'memory', startup: 'fail' } } });
  });

  test('an empty file is a configuration without keys', async () => {
    expect((await yaml('# nothing yet\n')).config.app).toBe('application');
  });

  test('paths are relative to the folder of the file', async () => {
    const { directory, config } = await load({ 'deploy/prod.yaml': 'app: prod' }, {}, 'deploy/prod.yaml');
    expect(directory).toMatch(/deploy$/);
    expect(config.app).toBe('prod');
  });

  test('two files in one folder are refused', async () => {
    const message = await faultsOf(load({ 'millrace.yaml': '', 'millrace.json': '{}' }));
    expect(message).toMatch(/two configuration files, millrace.yaml and millrace.json. Keep one/);
  });

  test('a path that is not there is told with the nearest name', async () => {
    expect(await faultsOf(load({ 'prod.yaml': '' }, {}, 'prd.yaml'))).toMatch(
      /prd.yaml does not exist. Did you mean 'prod.yaml'\?/,
    );
    expect(await faultsOf(load({}, {}, 'nowhere/prod.yaml'))).toMatch(/There is no folder/);
    expect(await faultsOf(load({}, {}, 'config.toml'))).toMatch(/It may end in .yaml, .yml, .json, .ts/);
  });

  test('a module that exports no configuration, or throws, is told by its path', async () => {
    expect(await faultsOf(load({ 'millrace.js': 'module.exports = 3;' }))).toMatch(
      /millrace.js exports no configuration/,
    );
    const throwing = `throw new Error('no amqp://user:hidden@host here');`;
    const message = await faultsOf(load({ 'millrace.js': throwing }));
    expect(message).toMatch(/millrace.js cannot be loaded: no amqp:\/\/\*\*\*@host here/);
  });
});

describe('faults are told all at once, with place, what is allowed, and the nearest name', () => {
  test('unknown keys, wrong types, wrong values', async () => {
    const message = await faultsOf(
      yaml(`
drainTimeout: 5 parsecs
bindngs: {}
bindings:
  orders:
    destination: []
    consumer:
      concurrency: four
      ordering: prtition
      timeout: true
      deadLetter: discrad
      retry: { maxAttempts: 0 }
    groups:
      baristas: { deadLetter: { destnation: x } }
  payments:
`),
    );
    for (const line of [
      "drainTimeout (line 2): found '5 parsecs'. Expected: a duration such as 500, '250ms', '10s', '5m'.",
      "bindngs (line 3): there is no such key. Did you mean 'bindings'?",
      'bindings.orders.destination (line 6): found an empty list. Expected: text that is not empty or a list of at least 1',
      'bindings.orders.consumer.concurrency (line 8): found text. Expected: a whole number, at least 1.',
      "bindings.orders.consumer.ordering (line 9): found 'prtition'. Did you mean 'partition'? Expected: 'partition', 'key' or 'none'.",
      'bindings.orders.consumer.timeout (line 10): found true. Expected: a duration',
      "bindings.orders.consumer.deadLetter (line 11): found 'discrad'. Did you mean 'discard'? Expected: 'on', 'discard' or an object.",
      'bindings.orders.consumer.retry.maxAttempts (line 12): found 0. Expected: a whole number, at least 1.',
      "bindings.orders.groups.baristas.deadLetter.destnation (line 14): there is no such key. Did you mean 'destination'?",
      'bindings.payments (line 15): found no value. Expected: an object.',
    ]) {
      expect(message).toContain(line);
    }
    expect(message).toContain('has 10 faults:');
  });

  test('binders: no type, a wrong startup, a name that is none', async () => {
    const broken = await faultsOf(yaml('binders:\n  main: { startup: retyr }'));
    expect(broken).toContain('binders.main.type (line 2): it is missing. Expected: text that is not empty.');
    expect(broken).toContain(
      "binders.main.startup (line 2): found 'retyr'. Did you mean 'retry'? Expected: 'fail' or 'retry'.",
    );
    const unknown = await faultsOf(
      yaml('binders: { local: { type: memory } }\nbindings:\n  orders:\n    binder: locl'),
    );
    expect(unknown).toContain("bindings.orders.binder (line 4): there is no binder 'locl'. Did you mean 'local'?");
  });

  test('a file that is a list', async () => {
    expect(await faultsOf(yaml('- a'))).toContain('the top level: found a list. Expected: an object.');
  });

  test('syntax, with line and column and without the source', async () => {
    const message = await faultsOf(yaml('app: shop\nbinders:\n  main: { password: "hidden }\n'));
    expect(message).toMatch(/- line 4, column 1: Missing closing "quote/);
    expect(message).not.toContain('hidden');
    expect(await faultsOf(yaml('app: a\napp: b'))).toMatch(/- line 2, column 1: Map keys must be unique/);
    expect(await faultsOf(yaml('binders: { main: { url: ${URL} } }'))).toContain(
      'quote text with variables: "${NAME}"',
    );
  });

  test('objects have no lines, but paths', async () => {
    const message = await faultsOf(loadConfig({ ap: 'x' } as MillraceConfig, { environment: {} }));
    expect(message).toBe("the configuration has 1 fault:\n  - ap: there is no such key. Did you mean 'app'?");
  });

  test('values that may be secrets are not in the message', async () => {
    const message = await faultsOf(
      yaml('app: { password: hidden1 }\npasswrd: hidden2\nbinders: { main: { type: 3, password: 4711 } }'),
    );
    expect(message).not.toMatch(/hidden|4711/);
  });
});

describe('variables in files', () => {
  test('are put in, with defaults, also in the middle of text', async () => {
    const text = 'app: ${NAME}\nbindings:\n  orders:\n    destination: ${STAGE:-dev}.orders.${EMPTY:-none}\n';
    const { config } = await yaml(text, { NAME: 'shop', EMPTY: '' });
    expect(config.app).toBe('shop');
    expect(config.bindings.orders?.destination).toBe('dev.orders.none');
  });

  test('become numbers, truth values and lists where these are wanted, and stay text where text is', async () => {
    const text =
      'app: "${PIN}"\nbindings:\n  orders:\n    destination: ${TOPICS}\n    consumer: { concurrency: "${N:-4}", startPaused: "${P}" }';
    const { config } = await yaml(text, { PIN: '0042', TOPICS: '[a, b]', P: 'true' });
    expect(config.app).toBe('0042');
    expect(config.bindings.orders).toMatchObject({
      destination: ['a', 'b'],
      consumer: { concurrency: 4, startPaused: true },
    });
  });

  test('without value and default are a fault, with path, variable and nearest name', async () => {
    const message = await faultsOf(yaml('app: ${APP_NAM}\ndrainTimeout: ${DRAIN}', { APP_NAME: 'hidden' }));
    expect(message).toContain("app (line 1): the environment variable APP_NAM is not set. Did you mean 'APP_NAME'?");
    expect(message).toContain(
      'drainTimeout (line 2): the environment variable DRAIN is not set. Set it, or give a default: ${DRAIN:-default}.',
    );
    expect(message).toContain('2 faults');
    expect(message).not.toContain('hidden');
  });

  test('are escaped by a second $, and must be well formed', async () => {
    expect((await yaml("app: '$${NAME}'")).config.app).toBe('${NAME}');
    expect(await faultsOf(yaml("app: '${1x}'"))).toContain("app (line 1): it has '${' that begins no variable");
    expect(await faultsOf(yaml("app: '${open'"))).toContain("it has '${' that begins no variable");
  });
});
