/** How the payloads of a class are read, checked and written. */
export interface ClassCoding {
  /** Name of the class. */
  readonly payload: string;
  /**
   * | by | means |
   * |---|---|
   * | `compiled plan` | code made from the decorators at start |
   * | `interpreted plan` | the same plan, where the process may not make code |
   * | `libraries` | class-transformer and class-validator themselves: right in any case, but several times slower |
   */
  readonly by: 'compiled plan' | 'interpreted plan' | 'libraries';
  /** Why it is left to the libraries, in a word: `@Transform of total`. */
  readonly reason: string | undefined;
}
