// Who may import whom. Tests are free; everything else keeps to these rules.
const TESTS = String.raw`\.test(-d)?\.ts$|/test/`;
const CORE = '^packages/core/src';
/** The test suite for binders is no binder: it drives whole applications over one. */
const BINDERS = '^packages/binder-(?!test-suite/)[^/]+/src';

/** The folders of core, each with the folders it may import. A folder missing here may import nothing. */
const ground = ['time', 'errors', 'message', 'channel', 'observe'];
const stages = [
  ...ground,
  'options',
  'metadata',
  'codec',
  'partition',
  'binder',
  'middleware',
  'dispatch',
  'brake',
  'inbox',
  'config',
];
const layers = {
  time: [],
  errors: ['time'],
  message: ['time', 'errors'],
  channel: ['time', 'errors', 'message'],
  observe: ['time', 'errors', 'message', 'channel'],
  options: ground,
  metadata: [...ground, 'options'],
  decorators: [...ground, 'options', 'metadata'],
  codec: ground,
  partition: ground,
  binder: ground,
  middleware: [...ground, 'codec', 'binder'],
  dispatch: [...ground, 'binder'],
  brake: ground,
  inbox: [...ground, 'binder'],
  config: [...ground, 'options', 'metadata', 'binder'],
  pipeline: stages,
  runtime: [...stages, 'decorators', 'pipeline'],
};

/** Packages that only one place may import, so that another can take their turn there. */
const owners = {
  'reflect-metadata': [`${CORE}/metadata/metadata-store.ts`],
  'class-transformer': [`${CORE}/codec/`],
  'class-validator': [`${CORE}/codec/`],
  inversify: [`${CORE}/runtime/`],
  piscina: [`${CORE}/runtime/workers/thread-pool.ts`],
  pino: [`${CORE}/observe/`],
  yaml: [`${CORE}/config/`],
  zod: [`${CORE}/(config|options)/`, `${CORE}/spi.ts`, `${CORE}/binder/binder.ts`, `${BINDERS}/[^/]+-options.ts`],
  kafkajs: ['^packages/binder-kafka/src/client/'],
  '@platformatic/kafka': ['^packages/binder-kafka/src/client/platformatic-library.ts'],
  amqplib: ['^packages/binder-rabbitmq/src/client/'],
  pg: ['^packages/inbox-postgres/src/'],
};

const layerRules = Object.entries(layers).map(([folder, below]) => ({
  name: `core-${folder}-imports-only-what-is-below-it`,
  comment: `core/src/${folder} may import: ${below.join(', ') || 'nothing else in core'}.`,
  severity: 'error',
  from: { path: `${CORE}/${folder}/`, pathNot: TESTS },
  to: { path: `${CORE}/`, pathNot: `${CORE}/(${[folder, ...below].join('|')})/` },
}));

const ownerRules = Object.entries(owners).map(([name, places]) => ({
  name: `single-owner-of-${name}`,
  comment: `Only ${places.join(', ')} may import ${name}.`,
  severity: 'error',
  from: { path: [`${CORE}/`, `${BINDERS}/`], pathNot: [TESTS, ...places] },
  to: { path: `(^|node_modules/)(@types/)?${name}(/|$)` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circle',
      comment: 'Two files that need each other are one file, or miss a third. Their types may know each other.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'every-import-resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'sources-do-not-import-tests',
      severity: 'error',
      from: { path: '^(packages|samples)/[^/]+/src/', pathNot: TESTS },
      to: { path: TESTS, pathNot: 'node_modules' },
    },
    {
      name: 'core-folder-without-a-layer',
      comment: 'A new folder of core gets its line in the layers of .dependency-cruiser.cjs.',
      severity: 'error',
      from: { path: `${CORE}/[^/]+/`, pathNot: [TESTS, `${CORE}/(${Object.keys(layers).join('|')})/`] },
      to: {},
    },
    {
      name: 'core-has-two-doors',
      comment: 'Other packages import @millrace/core or @millrace/core/spi, never a file behind them.',
      severity: 'error',
      from: { path: '^(packages|samples)/', pathNot: ['^packages/core/', TESTS] },
      to: { path: '^packages/core/', pathNot: `${CORE}/(index|spi).ts$` },
    },
    {
      name: 'binders-know-only-the-spi',
      severity: 'error',
      from: { path: `${BINDERS}/`, pathNot: TESTS },
      to: { path: `${CORE}/index.ts$` },
    },
    {
      name: 'binders-do-not-know-each-other',
      severity: 'error',
      from: { path: '^packages/(binder-[^/]+)/src/', pathNot: TESTS },
      to: { path: '^packages/binder-[^/]+/', pathNot: '^packages/$1/' },
    },
    {
      name: 'testing-knows-core-and-memory',
      comment: 'The test harness stands in for every binder and so needs none of them.',
      severity: 'error',
      from: { path: '^packages/testing/src/', pathNot: TESTS },
      to: { path: '^packages/(?!(testing|core|binder-memory)/)' },
    },
    {
      name: 'core-knows-no-other-package',
      comment: 'Core finds a binder by its name in the configuration, at run time.',
      severity: 'error',
      from: { path: `${CORE}/`, pathNot: TESTS },
      to: { path: ['^packages/(?!core/)', '^@millrace/'] },
    },
    {
      name: 'brokers-are-for-tests-and-scripts',
      comment: 'packages/brokers is private: nothing that is published, and no sample, may need it.',
      severity: 'error',
      from: { path: '^(packages|samples)/(?!brokers/)', pathNot: TESTS },
      to: { path: '^packages/brokers/' },
    },
    {
      name: 'packages-do-not-import-samples',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^samples/' },
    },
    {
      name: 'the-judge-goes-by-evidence-alone',
      comment: 'No clock, no file, no broker: what chaos runs have shown is judged again from hand-made ledgers.',
      severity: 'error',
      from: { path: '^chaos/src/judge/' },
      to: {
        path: ['^chaos/', '^packages/', 'node_modules', '^(node:)?(fs|net|child_process|timers)'],
        pathNot: ['^chaos/src/judge/', '^chaos/src/(ledger/entry|cast/cast|faults/fault)\\.ts$'],
      },
    },
    {
      name: 'members-do-not-know-their-broker',
      comment:
        'Applications of a chaos run are bound by configuration; the one process of the memory binder has to share its broker.',
      severity: 'error',
      from: { path: '^chaos/src/cast/', pathNot: '^chaos/src/cast/(memory-host|letter-keeper)\\.ts$' },
      to: { path: ['^packages/(binder-|brokers/)', '(^|node_modules/)(kafkajs|amqplib)(/|$)'] },
    },
    ...layerRules,
    ...ownerRules,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^((packages|samples)/[^/]+|chaos)/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.test.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'require', 'node', 'default'] },
  },
};
