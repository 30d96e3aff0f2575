import { dateJson, dateOf } from '../iso-date';
import type { Check, PropertyChecks } from './class-checks';
import { type ClassShape, type Member, plainType, type ValueType } from './class-shape';
import { numeral, quoted } from './json-text';
import type { PlanValues } from './plan-values';
import { UNSURE } from './planned-work';

/**
 * Writes the code of plans. Nothing a user has written stands in it but names of properties, as literals of JSON; everything
 * else that it needs is handed to it by a name made here.
 */
export class PlanSource {
  readonly #given: unknown[] = [];
  readonly #names = new Map<unknown, string>();
  readonly #values: string;

  constructor(values: PlanValues) {
    this.#values = this.name(values);
  }

  /** What the names of the code stand for, in their order. */
  get given(): readonly unknown[] {
    return this.#given;
  }

  /** The name under which the code knows something. */
  name(value: unknown): string {
    const known = this.#names.get(value);
    if (known !== undefined) return known;
    const name = `g${this.#given.length}`;
    this.#given.push(value);
    this.#names.set(value, name);
    return name;
  }

  read({ target, members, fixed }: ClassShape): string {
    const own = [...members.values()].filter(({ name }) => !fixed.has(name));
    return `function read(plain, depth) {
      const made = new ${this.name(target)}();
      if (made.constructor !== ${this.name(target)}) return ${this.name(UNSURE)};
      const names = Object.keys(plain);
      for (let at = 0; at < names.length; at += 1) {
        switch (names[at]) {
          ${[...fixed].map((name) => this.#skip(name)).join('\n')}
          ${own.map((member) => this.#readMember(member)).join('\n')}
          default:
            if (!${this.#values}.take(made, names[at], plain[names[at]], depth + 1)) return ${this.name(UNSURE)};
        }
      }
      return made;
    }`;
  }

  write({ members }: ClassShape): string {
    return `function write(source, depth) {
      let text = '';
      const names = Object.keys(source);
      for (let at = 0; at < names.length; at += 1) {
        switch (names[at]) {
          case '__proto__': case 'constructor': return undefined;
          ${[...members.values()].map((member) => this.#writeMember(member)).join('\n')}
          default: {
            const value = source[names[at]];
            if (value === undefined) break;
            const json = ${this.#values}.write(value, ${this.name(plainType)}, depth + 1);
            if (json === undefined) return undefined;
            text += (text === '' ? '{' : ',') + ${this.name(quoted)}(names[at]) + ':' + json;
          }
        }
      }
      return text === '' ? '{}' : text + '}';
    }`;
  }

  isValid(targetName: string, checks: readonly PropertyChecks[]): string {
    const hasLibrarys = checks.some((ofProperty) => ofProperty.checks.some(({ isLibrarys }) => isLibrarys));
    const facts = `{ targetName: ${literal(targetName)}, property: '', object, value: undefined, constraints: undefined }`;
    return `function isValid(object) {
      ${hasLibrarys ? `const told = ${facts};` : ''}
      ${checks.map((ofProperty) => this.#checkProperty(ofProperty, targetName)).join('\n')}
      return true;
    }`;
  }

  /** What is not taken is still not to hold what nobody accepts. */
  #skip(name: string): string {
    const value = `plain[${literal(name)}]`;
    return `case ${literal(name)}: if (typeof ${value} === 'object' && ${value} !== null) return ${this.name(UNSURE)}; break;`;
  }

  #readMember({ name, type, stated, takesLists }: Member): string {
    const key = literal(name);
    const [test, outcome] = this.#simpleRead(type);
    return `case ${key}: {
      ${this.#askType(stated, this.name(UNSURE))}
      let value = plain[${key}];
      if (${test}) ${outcome}
      else {
        value = ${this.#values}.read(value, ${this.name(type)}, ${takesLists}, depth + 1);
        if (value === ${this.name(UNSURE)}) return ${this.name(UNSURE)};
      }
      if (typeof made[${key}] !== 'function') made[${key}] = value;
      break;
    }`;
  }

  /** The values that most messages have, without a call: the test for them, and what becomes of them. */
  #simpleRead({ kind }: ValueType): readonly [test: string, outcome: string] {
    switch (kind) {
      case 'date':
        return [`typeof value === 'string'`, `value = ${this.name(dateOf)}(value);`];
      case 'string':
      case 'number':
      case 'boolean':
        return [`typeof value === '${kind}'`, '{}'];
      default:
        return [`value === null || (typeof value !== 'object' && typeof value !== 'function')`, '{}'];
    }
  }

  #writeMember({ name, type, stated }: Member): string {
    const key = literal(name);
    return `case ${key}: {
      ${this.#askType(stated, 'undefined')}
      const value = source[${key}];
      if (value === undefined) break;
      const json = ${this.#simpleWrite(type)}${this.#values}.write(value, ${this.name(type)}, depth + 1);
      if (json === undefined) return undefined;
      text += (text === '' ? ${literal(`{${JSON.stringify(name)}:`)} : ${literal(`,${JSON.stringify(name)}:`)}) + json;
      break;
    }`;
  }

  #simpleWrite({ kind }: ValueType): string {
    const text = `typeof value === 'string' ? ${this.name(quoted)}(value) : `;
    const number = `typeof value === 'number' ? ${this.name(numeral)}(value) : `;
    switch (kind) {
      case 'plain':
        return text + number;
      case 'string':
        return text;
      case 'number':
        return number;
      case 'date':
        return `value instanceof Date ? ${this.name(dateJson)}(value) : `;
      default:
        return '';
    }
  }

  #askType(stated: Member['stated'], otherwise: string): string {
    if (stated === undefined) return '';
    return `if (${this.name(stated.metadata)}.typeFunction() !== ${this.name(stated.met)}) return ${otherwise};`;
  }

  #checkProperty({ property, conditions, checks, isNested }: PropertyChecks, targetName: string): string {
    const body = [
      ...checks.map((check) => this.#check(check, literal(property), targetName)),
      ...(isNested ? [`if (!${this.#values}.isValid(value)) return false;`] : []),
    ].join('\n');
    const asked = conditions.map(
      (rule, index) => `const applies${index} = ${this.name(rule.constraints)}[0](object, value);`,
    );
    const applies = conditions.map((_, index) => `applies${index}`).join(' && ');
    return `{
      const value = object[${literal(property)}];
      ${asked.join('\n')}
      ${applies === '' ? body : `if (${applies}) {\n${body}\n}`}
    }`;
  }

  #check(check: Check, key: string, targetName: string): string {
    const { rule } = check;
    const ask = (value: string): string => `if (!${this.#question(check, value, key, targetName)}) return false;`;
    const one = rule.each
      ? `if (Array.isArray(value)) { for (const item of value) ${ask('item')} }
         else if (value instanceof Set || value instanceof Map) return false;
         else ${ask('value')}`
      : ask('value');
    return rule.validateIf === undefined ? one : `if (${this.name(rule)}.validateIf(object, value)) { ${one} }`;
  }

  #question({ rule, validator, isLibrarys, predicate }: Check, value: string, key: string, targetName: string): string {
    const constraints = this.name(rule.constraints);
    if (predicate !== undefined) {
      const own = (rule.constraints ?? []).map((_, index) => `${constraints}[${index}]`);
      return `${this.name(predicate)}(${[value, ...own].join(', ')})`;
    }
    const facts = isLibrarys
      ? `(told.property = ${key}, told.value = value, told.constraints = ${constraints}, told)`
      : `{ targetName: ${literal(targetName)}, property: ${key}, object, value, constraints: ${constraints} }`;
    return `${this.name(validator)}.validate(${value}, ${facts})`;
  }
}

/** Text as code writes it. JSON's escapes are those of code, the separators of lines and paragraphs included since ES2019. */
function literal(text: string): string {
  return JSON.stringify(text).replace(/[\u2028\u2029]/g, (separator) =>
    separator === '\u2028' ? '\\u2028' : '\\u2029',
  );
}
