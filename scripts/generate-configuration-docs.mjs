// npm run generate: writes docs/configuration.md and the JSON Schema of the configuration from the schemas in core.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build, install, root, step, tool } from './workspace.mjs';

const schemaFiles = ['docs/millrace.schema.json', 'packages/core/millrace.schema.json'];

if (!((await install()) && (await build()))) process.exit(1);

const require = createRequire(import.meta.url);
const { configurationPage } = require('./configuration-page.cjs');
const { configurationJsonSchema, optionGroups } = require('../packages/core/dist/config/reference.js');

writeFileSync(join(root, 'docs', 'configuration.md'), configurationPage(optionGroups()));
for (const file of schemaFiles)
  writeFileSync(join(root, file), `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`);
const formatted = await step(
  'generate',
  tool('@biomejs/biome', ['format', '--write', '--files-max-size=4000000', ...schemaFiles], 'biome'),
);
process.exitCode = formatted ? 0 : 1;
