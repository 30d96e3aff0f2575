import { consumerOptions } from '../options/consumer-options';
import { producerOptions } from '../options/producer-options';
import { millraceConfig } from './config-schema';
import { jsonSchemaOf } from './json-schema';
import { type OptionRow, optionRows } from './option-rows';
import { schemaAt } from './schema-walk';

/** The groups of the reference page, from the schemas that check the configuration. */
export function optionGroups(): Readonly<
  Record<'file' | 'binder' | 'binding' | 'producer' | 'consumer', readonly OptionRow[]>
> {
  const rowsAt = (...path: string[]): OptionRow[] => optionRows(schemaAt(millraceConfig, path) ?? millraceConfig);
  return {
    file: rowsAt(),
    binder: rowsAt('binders', '*'),
    // What lies below these keys has sections of its own.
    binding: rowsAt('bindings', '*').filter(({ key }) => !key.includes('.')),
    producer: optionRows(producerOptions),
    consumer: optionRows(consumerOptions),
  };
}

/** The JSON Schema file of the configuration. */
export function configurationJsonSchema(): Record<string, unknown> {
  return { title: 'Millrace configuration', ...jsonSchemaOf(millraceConfig) };
}
