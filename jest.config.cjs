// Tests run on the sources: imports of @millrace packages go to src, and swc compiles what is loaded.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const swc = {
  swcrc: false,
  sourceMaps: 'inline',
  module: { type: 'commonjs' },
  jsc: {
    target: 'es2022',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
  },
};

// An ES module, which Jest's `require` takes only from Node.js 24.9 on.
const esmOnly = '@platformatic/';
const swcOfModules = {
  swcrc: false,
  module: { type: 'commonjs' },
  jsc: { target: 'es2022', parser: { syntax: 'ecmascript' } },
};

// Minutes each; with them the whole run would take longer than a quarter of an hour on two cores.
const slowTests = [
  '/binder-kafka/test/kafka-outage',
  '/binder-kafka/test/kafka-cluster',
  '/binder-kafka/test/kafka-exactly-once',
  '/test/rabbitmq-cluster',
];

/** @type {import('jest').Config} */
module.exports = {
  roots: ['packages', 'samples', 'docs', 'scripts', 'chaos']
    .filter((folder) => existsSync(join(__dirname, folder)))
    .map((folder) => `<rootDir>/${folder}`),
  testMatch: [
    '<rootDir>/packages/*/{src,test}/**/*.test.ts',
    '<rootDir>/samples/*/{src,test}/**/*.test.ts',
    '<rootDir>/docs/**/*.test.ts',
    '<rootDir>/scripts/*.test.ts',
    '<rootDir>/chaos/{src,test}/**/*.test.ts',
  ],
  moduleNameMapper: {
    '^@millrace/([^/]+)$': '<rootDir>/packages/$1/src/index.ts',
    '^@millrace/([^/]+)/spi$': '<rootDir>/packages/$1/src/spi.ts',
  },
  transform: { '\\.ts$': ['@swc/jest', swc], [`/${esmOnly}.*\\.js$`]: ['@swc/jest', swcOfModules] },
  transformIgnorePatterns: [`/node_modules/(?!${esmOnly})`],
  testPathIgnorePatterns: ['/node_modules/', ...(process.env.MILLRACE_SLOW_TESTS ? [] : slowTests)],
  testEnvironment: 'node',
  testTimeout: 20_000,
  testSequencer: '<rootDir>/scripts/longest-first.cjs',
  // More than cores: tests on brokers wait most of the time.
  maxWorkers: 3,
  // Checks of the binder test suite that wait for a real broker: so many at once.
  maxConcurrency: 4,
};
