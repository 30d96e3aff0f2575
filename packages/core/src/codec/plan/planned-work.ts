/** The answer where only the libraries know. They are asked then, so no other answer may differ from theirs. */
export const UNSURE: unique symbol = Symbol('unsure');

/** What a plan does for a class. Depth counts lists and objects, the payload itself being at 1. */
export interface PlannedWork {
  /** Whether it reads and writes at all: `false` for a class that is left to the libraries. */
  readonly hasShape: boolean;
  /** Instance of a plain object whose prototype is that of all objects; or {@link UNSURE}. */
  read(plain: object, depth: number): unknown;
  /** JSON of an instance; `undefined` for not sure. */
  write(instance: object, depth: number): string | undefined;
  /** `true`: all validators accept. `false`: one refuses, or only class-validator can tell. */
  isValid(instance: object): boolean;
}

export type WorkOf = (target: object) => PlannedWork;
