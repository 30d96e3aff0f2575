/** What a process of the bench runs. */
export interface Program {
  /** Absolute path of a module that exports `workloads`, factories by name. */
  readonly module: string;
  readonly factory: string;
  /** For the factory; JSON. */
  readonly settings?: object;
}
