import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { loadConfig } from '../packages/core/src/config/load-config';
import { configurationJsonSchema, optionGroups } from '../packages/core/src/config/reference';

const { configurationPage } = require('./configuration-page.cjs') as { configurationPage: (groups: unknown) => string };
const root = join(__dirname, '..');
const examples = join(root, 'docs', 'examples', 'configuration');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

test('docs/configuration.md is up to date; otherwise: npm run generate', () => {
  expect(read('docs/configuration.md')).toBe(configurationPage(optionGroups()));
});

test.each(['docs/millrace.schema.json', 'packages/core/millrace.schema.json'])(
  '%s is up to date; otherwise: npm run generate',
  (file) => {
    expect(JSON.parse(read(file))).toEqual(JSON.parse(JSON.stringify(configurationJsonSchema())));
  },
);

test('every key has a meaning', () => {
  const silent = Object.entries(optionGroups()).flatMap(([group, rows]) =>
    rows.filter(({ meaning }) => meaning === '').map(({ key }) => `${group}: ${key}`),
  );
  expect(silent).toEqual([]);
});

test.each(['millrace.yaml', 'millrace.ts'])('the example %s is a configuration', async (name) => {
  const { config } = await loadConfig(join(examples, name), { environment: {} });
  // The example in TypeScript shows that code may decide.
  const expected = name.endsWith('.ts') && process.env.CI ? 1 : 4;
  expect(config.bindings.orders?.consumer?.concurrency).toBe(expected);
});

test('the faults on the page are those of the example', async () => {
  const error = await loadConfig(join(examples, 'faulty.yaml'), { environment: {} }).catch((thrown: Error) => thrown);
  const message = (error as Error).message.replace(/^.*?(\S*faulty\.yaml)/, (_, path: string) => basename(path));
  expect(`${message}\n`).toBe(readFileSync(join(examples, 'faults.txt'), 'utf8'));
});
