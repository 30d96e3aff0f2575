import { millraceConfig } from './config-schema';
import type { Faults } from './faults';
import { isPlainObject, mergeOptions } from './merge-options';
import type { NamesInCode } from './names-in-code';
import { suggestion } from './nearest';
import type { Origin } from './origin';
import { plainName } from './plain-name';
import { keysOf, schemaBelow, takesAnyKey } from './schema-walk';
import { textValue } from './text-value';
import type { Environment } from './variables';

const PREFIX = 'MILLRACE__';

/**
 * Lays environment variables over the configuration: `MILLRACE__BINDINGS__ORDERS__BINDER` sets `bindings.orders.binder`. Two
 * underscores are a level; names are the same when letters and digits are ({@link plainName}). A channel, binder or group that
 * neither the configuration nor the code has is taken in lower case.
 */
export function layEnvironment(
  content: unknown,
  environment: Environment,
  names: NamesInCode,
  origin: Origin,
  faults: Faults,
): unknown {
  if (!isPlainObject(content)) return content;
  const variables = Object.keys(environment).filter(
    (name) => name.startsWith(PREFIX) && environment[name] !== undefined,
  );
  let merged: Record<string, unknown> = { ...content };
  const setters = new Map<string, string>();
  for (const variable of variables.sort()) {
    const path = pathOf(variable, merged, names, faults);
    if (path === undefined) continue;
    const rival = path
      .map((_, index) => setters.get(path.slice(0, index + 1).join('.')))
      .find((name) => name !== undefined);
    if (rival !== undefined)
      faults.add(variable, `it sets '${path.join('.')}', and so does ${rival}`, 'Unset one of them');
    setters.set(path.join('.'), variable);
    const text = environment[variable] as string;
    path.forEach((_, index) => {
      const above = path.slice(0, index + 1);
      if (index === path.length - 1 || valueAt(merged, above) === undefined) origin.setBy(above, variable);
    });
    origin.fromText(path, text);
    merged = mergeOptions([
      merged,
      path.reduceRight<unknown>((value, step) => ({ [step]: value }), textValue(text)) as object,
    ]);
  }
  return merged;
}

function pathOf(variable: string, content: object, names: NamesInCode, faults: Faults): string[] | undefined {
  const path: string[] = [];
  let schema: ReturnType<typeof schemaBelow> = millraceConfig;
  for (const level of variable.slice(PREFIX.length).split('__')) {
    const isOpen: boolean = schema !== undefined && takesAnyKey(schema);
    const named: string[] = schema === undefined ? [] : keysOf(schema);
    const known = [
      ...new Set([
        ...named,
        ...(isOpen ? [...Object.keys(valueAt(content, path) ?? {}), ...namesBelow(path, names)] : []),
      ]),
    ];
    const step = stepOf(variable, level, known, isOpen, path, faults);
    if (step === undefined) return undefined;
    path.push(step);
    schema = schema && schemaBelow(schema, step);
  }
  return path;
}

function stepOf(
  variable: string,
  level: string,
  known: readonly string[],
  isOpen: boolean,
  path: readonly string[],
  faults: Faults,
): string | undefined {
  const same = known.filter((name) => plainName(name) === plainName(level));
  const step = known.find((name) => name === level) ?? same[0];
  if (plainName(level) === '') {
    faults.add(
      variable,
      'one of its levels has no name',
      'Write two underscores between two names, as in MILLRACE__BINDINGS__ORDERS__BINDER',
    );
  } else if (same.length > 1 && step !== level) {
    faults.add(
      variable,
      `'${level}' may mean ${same.map((name) => `'${name}'`).join(' or ')}`,
      'Set it in the configuration file instead',
    );
  } else if (step !== undefined || isOpen) {
    return step ?? level.toLowerCase();
  } else if (known.length === 0) {
    faults.add(
      variable,
      `there is nothing below '${path.join('.')}'`,
      `Set ${variable.slice(0, variable.lastIndexOf('__'))} instead`,
    );
  } else {
    faults.add(
      variable,
      `there is no key '${level.toLowerCase()}'${path.length === 0 ? '' : ` below '${path.join('.')}'`}`,
      suggestion(level.toLowerCase(), known),
    );
  }
  return undefined;
}

/** The names that code uses below a path: channels below `bindings`, groups below the `groups` of a channel. */
function namesBelow(path: readonly string[], { channels, sinks }: NamesInCode): string[] {
  const [top, channel, part] = path;
  if (top !== 'bindings') return [];
  if (path.length === 1) return [...channels];
  if (part !== 'groups' || path.length !== 3) return [];
  return sinks.flatMap((sink) => (sink.channel === channel && sink.group !== undefined ? [sink.group] : []));
}

function valueAt(content: object, path: readonly string[]): object | undefined {
  return path.reduce<unknown>(
    (value, step) => (isPlainObject(value) ? (value as Record<string, unknown>)[step] : undefined),
    content,
  ) as object | undefined;
}
