import type { Faults } from './faults';
import { isPlainObject } from './merge-options';
import { suggestion } from './nearest';
import type { Origin } from './origin';
import { textValue } from './text-value';

/** Variables by name; `process.env` is one. */
export type Environment = Readonly<Record<string, string | undefined>>;

const reference = /\$?\$\{([^}]*)(\}?)/g;
const form = /^([A-Za-z_]\w*)(?::-(.*))?$/s;

/**
 * Puts variables into every text of a configuration file: `${NAME}`, and `${NAME:-default}` for one that is missing or empty.
 * `$${` writes `${` itself. What comes out is read as {@link textValue} does.
 */
export function fillVariables(content: unknown, environment: Environment, origin: Origin, faults: Faults): unknown {
  return filled(content, [], environment, origin, faults);
}

function filled(
  value: unknown,
  path: readonly string[],
  environment: Environment,
  origin: Origin,
  faults: Faults,
): unknown {
  const below = (item: unknown, step: string): unknown => filled(item, [...path, step], environment, origin, faults);
  if (Array.isArray(value)) return value.map((item, index) => below(item, String(index)));
  if (isPlainObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, below(item, key)]));
  return typeof value === 'string' && value.includes('${')
    ? filledText(value, path, environment, origin, faults)
    : value;
}

function filledText(
  text: string,
  path: readonly string[],
  environment: Environment,
  origin: Origin,
  faults: Faults,
): unknown {
  let used = 0;
  const result = text.replace(reference, (whole: string, inside: string, end: string) => {
    if (whole.startsWith('$$')) return whole.slice(1);
    const [, name, fallback] = (end === '}' && form.exec(inside)) || [];
    if (name === undefined) {
      faults.add(
        path.join('.'),
        "it has '${' that begins no variable",
        `Write \${NAME} or \${NAME:-default}, or $\${ where '\${' itself is meant`,
      );
      return '';
    }
    used += 1;
    const given = environment[name];
    if (fallback === undefined && given === undefined) {
      const names = Object.keys(environment).filter((candidate) => suggestion(name, [candidate]).startsWith('Did'));
      const near = names.length === 0 ? '' : `${suggestion(name, names)} `;
      faults.add(
        path.join('.'),
        `the environment variable ${name} is not set`,
        `${near}Set it, or give a default: \${${name}:-default}`,
      );
    }
    return given === undefined || (given === '' && fallback !== undefined) ? (fallback ?? '') : given;
  });
  if (used === 0) return result;
  origin.fromText(path, result);
  return textValue(result);
}
