import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(__dirname, '..');
const core = 'packages/core/src';

/** A file that breaks a rule, and the rule. Each imports something that is there. */
const violations: [rule: string, file: string, imports: string][] = [
  ['no-circle', `${core}/errors/a.ts`, './b'],
  ['every-import-resolves', `${core}/errors/lost.ts`, './nowhere'],
  ['sources-do-not-import-tests', `${core}/errors/tested.ts`, './some.test'],
  ['core-folder-without-a-layer', `${core}/novelty/x.ts`, '../errors/leaf'],
  ['binders-know-only-the-spi', 'packages/binder-memory/src/door.ts', '@millrace/core'],
  ['core-has-two-doors', 'packages/binder-memory/src/window.ts', '../../core/src/errors/leaf'],
  ['binders-do-not-know-each-other', 'packages/binder-memory/src/friend.ts', '../../binder-kafka/src/leaf'],
  ['testing-knows-core-and-memory', 'packages/testing/src/friend.ts', '../../binder-kafka/src/leaf'],
  ['core-knows-no-other-package', `${core}/runtime/static.ts`, '@millrace/binder-memory'],
  ['brokers-are-for-tests-and-scripts', 'packages/binder-memory/src/broker.ts', '../../brokers/src/leaf'],
  ['packages-do-not-import-samples', `${core}/runtime/sample.ts`, '../../../../samples/coffee-shop/src/leaf'],
  ['the-judge-goes-by-evidence-alone', 'chaos/src/judge/reading.ts', 'node:fs'],
  ['the-judge-goes-by-evidence-alone', 'chaos/src/judge/asking.ts', '../site/leaf'],
  ['members-do-not-know-their-broker', 'chaos/src/cast/knowing.ts', 'kafkajs'],
  ['core-errors-imports-only-what-is-below-it', `${core}/errors/up.ts`, '../message/leaf'],
  ['core-message-imports-only-what-is-below-it', `${core}/message/up.ts`, '../codec/leaf'],
  ['core-channel-imports-only-what-is-below-it', `${core}/channel/up.ts`, '../metadata/leaf'],
  ['core-metadata-imports-only-what-is-below-it', `${core}/metadata/up.ts`, '../config/leaf'],
  ['core-decorators-imports-only-what-is-below-it', `${core}/decorators/up.ts`, '../binder/leaf'],
  ['core-codec-imports-only-what-is-below-it', `${core}/codec/up.ts`, '../metadata/leaf'],
  ['core-binder-imports-only-what-is-below-it', `${core}/binder/up.ts`, '../pipeline/leaf'],
  ['core-config-imports-only-what-is-below-it', `${core}/config/up.ts`, '../pipeline/leaf'],
  ['core-dispatch-imports-only-what-is-below-it', `${core}/dispatch/up.ts`, '../codec/leaf'],
  ['core-pipeline-imports-only-what-is-below-it', `${core}/pipeline/up.ts`, '../decorators/leaf'],
  ['core-pipeline-imports-only-what-is-below-it', `${core}/pipeline/root.ts`, '../index'],
  ['single-owner-of-reflect-metadata', `${core}/decorators/reflect.ts`, 'reflect-metadata'],
  ['single-owner-of-class-transformer', `${core}/pipeline/plain.ts`, 'class-transformer'],
  ['single-owner-of-class-validator', `${core}/pipeline/valid.ts`, 'class-validator'],
  ['single-owner-of-inversify', `${core}/pipeline/container.ts`, 'inversify'],
  ['single-owner-of-piscina', `${core}/runtime/workers/elsewhere.ts`, 'piscina'],
  ['single-owner-of-pino', `${core}/runtime/log.ts`, 'pino'],
  ['single-owner-of-yaml', `${core}/runtime/yaml.ts`, 'yaml'],
  ['single-owner-of-zod', `${core}/codec/schema.ts`, 'zod'],
  ['single-owner-of-kafkajs', 'packages/binder-kafka/src/consuming/kafka-consumer.ts', 'kafkajs'],
  ['single-owner-of-@platformatic/kafka', 'packages/binder-kafka/src/client/kafka-client.ts', '@platformatic/kafka'],
  ['single-owner-of-amqplib', 'packages/binder-rabbitmq/src/rabbitmq-consumer.ts', 'amqplib'],
  ['single-owner-of-pg', `${core}/inbox/table.ts`, 'pg'],
  ['core-inbox-imports-only-what-is-below-it', `${core}/inbox/up.ts`, '../pipeline/leaf'],
];

/** What the rules let through: owners, doors, tests. */
const allowed: [file: string, imports: string][] = [
  [`${core}/metadata/metadata-store.ts`, 'reflect-metadata'],
  [`${core}/codec/json-codec.ts`, 'class-transformer'],
  [`${core}/runtime/container.ts`, 'inversify'],
  [`${core}/runtime/workers/thread-pool.ts`, 'piscina'],
  [`${core}/spi.ts`, 'zod'],
  [`${core}/runtime/wiring.ts`, '../decorators/leaf'],
  [`${core}/errors/free.test.ts`, '../runtime/leaf'],
  ['packages/binder-memory/src/memory-binder.ts', '@millrace/core/spi'],
  ['packages/binder-memory/src/memory-options.ts', 'zod'],
  ['packages/binder-memory/src/memory.test.ts', '@millrace/core'],
  ['packages/binder-test-suite/src/application.ts', '@millrace/core'],
  ['packages/binder-test-suite/src/message.ts', 'class-validator'],
  ['chaos/src/judge/judge.ts', '../ledger/entry'],
];

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-lint-'));
  for (const name of ['.dependency-cruiser.cjs', 'tsconfig.base.json', 'tsconfig.test.json']) {
    cpSync(join(root, name), join(folder, name));
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
});

afterAll(() => rmSync(folder, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

function run(...args: string[]): string {
  return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' }).stdout;
}

describe('the rules of .dependency-cruiser.cjs', () => {
  let broken: Set<string>;
  let guilty: string[];

  beforeAll(() => {
    const layers = 'time errors message channel observe metadata codec binder decorators config pipeline runtime';
    for (const layer of layers.split(' ')) write(`${core}/${layer}/leaf.ts`, 'export {};');
    for (const leaf of [`${core}/index.ts`, `${core}/errors/some.test.ts`]) write(leaf, 'export {};');
    for (const name of [
      'chaos/src/site',
      'packages/binder-kafka/src',
      'packages/brokers/src',
      'samples/coffee-shop/src',
    ])
      write(`${name}/leaf.ts`, 'export {};');
    write('packages/binder-memory/src/index.ts', 'export {};');
    write('chaos/src/ledger/entry.ts', 'export {};');
    write(`${core}/errors/b.ts`, `import './a';`);
    write(`${core}/errors/hen.ts`, `import type { Egg } from './egg';\nexport type Hen = Egg[];`);
    write(`${core}/errors/egg.ts`, `import type { Hen } from './hen';\nexport type Egg = { from: Hen };`);
    for (const [, file, imports] of violations) write(file, `import '${imports}';`);
    for (const [file, imports] of allowed) write(file, `import '${imports}';`);

    const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const report = JSON.parse(run(cruiser, 'packages', 'samples', 'chaos', '--output-type', 'json'));
    const found: { from: string; rule: { name: string } }[] = report.summary.violations;
    broken = new Set(found.map(({ from, rule }) => `${rule.name}: ${from}`));
    guilty = found.map(({ from }) => from);
  });

  test.each(violations)('%s: %s may not import %s', (rule, file) => {
    expect([...broken]).toContain(`${rule}: ${file}`);
  });

  test('types may know each other', () => {
    expect(guilty.filter((file) => file.includes('/egg') || file.includes('/hen'))).toEqual([]);
  });

  test.each(allowed)('%s may import %s', (file) => {
    expect(guilty).not.toContain(file);
  });
});

describe('check-broker-names', () => {
  const check = () => run(join(root, 'scripts/check-broker-names.mjs'), folder);

  test('finds identifiers, properties, strings and templates', () => {
    const lines = [
      'export const kafkaTopic = 1;',
      'export const found = (x: any) => x.amqpUrl;',
      `export const name = 'RabbitMQ';`,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the checked source has a template
      'export const header = `kafka.${name}`;',
    ];
    write(`${core}/codec/leaf.ts`, lines.join('\n'));
    const found = check().match(/leaf.ts:\d+/g);
    expect(found).toEqual(['leaf.ts:1', 'leaf.ts:2', 'leaf.ts:3', 'leaf.ts:4']);
  });

  test('allows comments and tests', () => {
    write(`${core}/codec/leaf.ts`, '/** Kafka calls it a topic. */\nexport {}; // RabbitMQ does not');
    write(`${core}/codec/leaf.test.ts`, `export const broker = 'kafka';`);
    expect(check()).toBe('');
  });
});
