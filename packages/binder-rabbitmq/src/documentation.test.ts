import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from '@millrace/core/spi';
import { rabbitmqConsumerOptions, rabbitmqOptions, rabbitmqProducerOptions } from './rabbitmq-options';

const page = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'binders', 'rabbitmq.md'), 'utf8');

interface Shape {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
}

/** Rows as the page has them: name and description of each option, those of groups behind their group. */
function rowsOf(shape: Shape, path = ''): string[] {
  return Object.entries(shape.properties ?? {}).flatMap(([name, option]) => [
    `| \`${path}${name}\` | ${(option.description ?? '').replaceAll('|', '\\|')} |`,
    ...[option, ...(option.anyOf ?? []), ...(option.oneOf ?? [])].flatMap((each) => rowsOf(each, `${path}${name}.`)),
  ]);
}

it.each([
  ['binder', rabbitmqOptions],
  ['producer', rabbitmqProducerOptions],
  ['consumer', rabbitmqConsumerOptions],
])('docs/binders/rabbitmq.md has every %s option, in the words of the schema', (_, schema) => {
  const rows = [...new Set(rowsOf(z.toJSONSchema(schema, { io: 'input' }) as Shape))];
  expect(rows.length).toBeGreaterThan(5);
  // Missing rows are printed ready to be pasted.
  expect(rows.filter((row) => !page.includes(row)).join('\n')).toBe('');
});
