import { plainName } from './plain-name';

/** Remembers where the values of a configuration came from, so that a fault can name the line or the variable. */
export class Origin {
  /** The file's path, or `the configuration` for an object. */
  readonly name: string;
  readonly #lines = new Map<string, number>();
  readonly #variables = new Map<string, string>();
  readonly #texts = new Map<string, string>();

  constructor(name = 'the configuration') {
    this.name = name;
  }

  atLine(path: readonly string[], line: number): void {
    this.#lines.set(path.join('.'), line);
  }

  /** The key, and what lies below it if nothing else is known of it, was set by an environment variable. */
  setBy(path: readonly string[], variable: string): void {
    this.#variables.set(plainName(path.join('.')), variable);
  }

  /** The value was read from text of the environment; the text counts where its reading is refused. */
  fromText(path: readonly string[], text: string): void {
    this.#texts.set(plainName(path.join('.')), text);
  }

  variableOf(path: string): string | undefined {
    return this.#variables.get(plainName(path));
  }

  textOf(path: string): string | undefined {
    return this.#texts.get(plainName(path));
  }

  /** `line 12`, or the name of a variable; for a key that is missing, the place of the nearest one above it. */
  placeOf(path: string): string | undefined {
    for (let rest = path; rest !== ''; rest = rest.slice(0, Math.max(0, rest.lastIndexOf('.')))) {
      const place = this.variableOf(rest) ?? this.#lines.get(rest);
      if (place !== undefined) return typeof place === 'number' ? `line ${place}` : place;
    }
    return undefined;
  }
}
