import { dateJson, dateOf } from '../iso-date';
import { MAX_JSON_DEPTH } from '../json-depth';
import { plainType, reservedNames, type ValueType } from './class-shape';
import { numeral, quoted } from './json-text';
import { UNSURE, type WorkOf } from './planned-work';

type Fields = Record<string, unknown>;

/** Values of all kinds, read and written as class-transformer does it: what plans do for anything that is not plainly simple. */
export class PlanValues {
  readonly #workOf: WorkOf;

  constructor(workOf: WorkOf) {
    this.#workOf = workOf;
  }

  /** @param depth of the value, if it is a list or an object */
  read(value: unknown, type: ValueType, takesLists: boolean, depth: number): unknown {
    if (value === null || value === undefined) return value;
    if (typeof value === 'function') return UNSURE;
    if (typeof value !== 'object') return scalarOf(value, type);
    if (depth > MAX_JSON_DEPTH) return UNSURE;
    if (Array.isArray(value)) return takesLists ? this.#readList(value, type, depth) : UNSURE;
    if (Object.getPrototypeOf(value) !== Object.prototype) return UNSURE;
    if (type.kind === 'class') return this.#workOf(type.target).read(value, depth);
    return type.kind === 'plain' || type.kind === 'object' ? this.#readObject(value as Fields, depth) : UNSURE;
  }

  /** `undefined` for not sure. The value is not `undefined` itself. */
  write(value: unknown, type: ValueType, depth: number): string | undefined {
    if (value === null) return 'null';
    switch (typeof value) {
      case 'string':
        return isKept(type, 'string') ? quoted(value) : undefined;
      case 'number':
        return isKept(type, 'number') ? numeral(value) : undefined;
      case 'boolean':
        return isKept(type, 'boolean') ? String(value) : undefined;
      case 'object':
        return depth > MAX_JSON_DEPTH ? undefined : this.#writeNested(value, type, depth);
      default:
        return undefined;
    }
  }

  /** What `@ValidateNested` asks; `false` also where only the library knows. */
  isValid(value: unknown): boolean {
    if (value === undefined) return true;
    if (Array.isArray(value)) return value.every((item) => this.isValid(item));
    if (!(value instanceof Object) || value instanceof Set || value instanceof Map) return false;
    return typeof value.constructor === 'function' && this.#workOf(value.constructor).isValid(value);
  }

  /** Puts a member of which no decorator speaks. `false` for not sure. */
  take(made: object, name: string, value: unknown, depth: number): boolean {
    if (reservedNames.has(name)) return false;
    const read = this.read(value, plainType, true, depth);
    if (read === UNSURE) return false;
    if (typeof (made as Fields)[name] !== 'function') (made as Fields)[name] = read;
    return true;
  }

  #readList(values: readonly unknown[], type: ValueType, depth: number): unknown {
    const list: unknown[] = [];
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index];
      // Holes are left out, as `forEach` does.
      if (value === undefined && !(index in values)) continue;
      const read = this.read(value, type, true, depth + 1);
      if (read === UNSURE) return UNSURE;
      list.push(read);
    }
    return list;
  }

  /** A copy: the handler may change what it gets, and an upcaster may have given what it keeps. */
  #readObject(source: Fields, depth: number): unknown {
    const made: Fields = {};
    for (const name of Object.keys(source)) {
      if (name in made && !Object.hasOwn(made, name)) return UNSURE;
      const read = this.read(source[name], plainType, true, depth + 1);
      if (read === UNSURE) return UNSURE;
      made[name] = read;
    }
    return made;
  }

  #writeNested(value: object, type: ValueType, depth: number): string | undefined {
    if (Array.isArray(value)) return this.#writeList(value, type, depth);
    if (value instanceof Date) return type.kind === 'plain' || type.kind === 'date' ? dateJson(value) : undefined;
    const ownClass: unknown = value.constructor;
    if (type.kind === 'class')
      return ownClass === type.target ? this.#workOf(type.target).write(value, depth) : undefined;
    if (type.kind !== 'plain' && type.kind !== 'object') return undefined;
    if (Object.getPrototypeOf(value) === Object.prototype) return this.#writeObject(value as Fields, depth);
    if (type.kind === 'object' || typeof ownClass !== 'function') return undefined;
    return this.#workOf(ownClass).write(value, depth);
  }

  #writeList(values: readonly unknown[], type: ValueType, depth: number): string | undefined {
    let text = '';
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index];
      if (value === undefined && !(index in values)) continue;
      const item = value === undefined ? 'null' : this.write(value, type, depth + 1);
      if (item === undefined) return undefined;
      text += text === '' ? item : `,${item}`;
    }
    return `[${text}]`;
  }

  #writeObject(source: Fields, depth: number): string | undefined {
    let text = '';
    for (const name of Object.keys(source)) {
      if (reservedNames.has(name)) return undefined;
      const value = source[name];
      if (value === undefined) continue;
      const member = this.write(value, plainType, depth + 1);
      if (member === undefined) return undefined;
      text += `${text === '' ? '{' : ','}${quoted(name)}:${member}`;
    }
    return text === '' ? '{}' : `${text}}`;
  }
}

/** Of what is neither a list, an object nor nothing. */
function scalarOf(value: unknown, type: ValueType): unknown {
  switch (type.kind) {
    case 'string':
      return String(value);
    case 'number':
      return Number(value);
    case 'boolean':
      return Boolean(value);
    case 'date':
      return typeof value === 'string' ? dateOf(value) : new Date(value as number);
    default:
      return value;
  }
}

function isKept({ kind }: ValueType, own: 'string' | 'number' | 'boolean'): boolean {
  return kind === own || kind === 'plain' || kind === 'object' || kind === 'class';
}
