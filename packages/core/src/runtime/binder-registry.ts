import type { Binder, BinderModule } from '../binder/binder';
import { readBinderOptions } from '../config/binder-options';
import type { ResolvedConfig } from '../config/config-schema';
import type { Faults } from '../config/faults';
import type { Logger } from '../observe/logger';
import { loadBinder } from './binder-lookup';

/** A configured binder, found and checked, not opened. */
export interface BinderEntry {
  readonly name: string;
  readonly module: BinderModule;
  readonly options: unknown;
  /** What happens when the broker is away at the start. */
  readonly startup: 'fail' | 'retry';
}

/** Binder modules given in code, as a list or by a function of their `type`; they come before packages. */
export type RegisteredBinders = readonly BinderModule[] | ((type: string) => BinderModule | undefined);

/**
 * Finds binder modules by the `type` of the configuration. Knows no names: registered ones first, then packages.
 *
 * @param directory what paths in the configuration are relative to
 */
export async function findBinders(
  config: ResolvedConfig,
  registered: RegisteredBinders,
  directory: string,
  faults: Faults,
): Promise<ReadonlyMap<string, BinderEntry>> {
  const entries = new Map<string, BinderEntry>();
  for (const [name, entry] of Object.entries(config.binders)) {
    const where = `binders.${name}`;
    const module =
      registeredBinder(entry.type, registered) ?? (await loadBinder(entry.type, directory, `${where}.type`, faults));
    const read = module && readBinderOptions(module.options, entry, where, faults);
    if (module !== undefined && read !== undefined) entries.set(name, { name, module, ...read });
  }
  return entries;
}

function registeredBinder(type: string, registered: RegisteredBinders): BinderModule | undefined {
  return typeof registered === 'function' ? registered(type) : registered.find((module) => module.type === type);
}

/** Opens each binder when the first binding asks for it, and closes those that were opened. */
export class OpenBinders {
  readonly #entries: ReadonlyMap<string, BinderEntry>;
  readonly #app: string;
  readonly #logger: Logger;
  readonly #opened = new Map<string, Promise<Binder>>();
  /** Those of them that are open by now. */
  readonly #open = new Map<string, Binder>();

  constructor(entries: ReadonlyMap<string, BinderEntry>, app: string, logger: Logger) {
    this.#entries = entries;
    this.#app = app;
    this.#logger = logger;
  }

  /** Whether bindings of the binder may open later than the start. */
  startsLate(name: string): boolean {
    return this.#entry(name).startup === 'retry';
  }

  open(name: string): Promise<Binder> {
    const known = this.#opened.get(name);
    if (known !== undefined) return known;
    const { module, options } = this.#entry(name);
    const opening = Promise.resolve(module.create({ name, options, app: this.#app, logger: this.#logger }));
    opening.then(
      (binder) => this.#opened.get(name) === opening && this.#open.set(name, binder),
      () => this.#opened.delete(name),
    );
    this.#opened.set(name, opening);
    return opening;
  }

  /** Binders that were asked for; those that could not be opened are tried again by the next binding. */
  get names(): readonly string[] {
    return [...this.#opened.keys()];
  }

  /** What an open binder says of its connection: nothing, where it cannot tell. A closed one has none. */
  connected(name: string): boolean | undefined {
    const binder = this.#open.get(name);
    if (binder === undefined) return false;
    try {
      return binder.connected?.();
    } catch {
      return undefined;
    }
  }

  async close(): Promise<void> {
    const opened = [...this.#opened.entries()];
    this.#opened.clear();
    this.#open.clear();
    for (const [name, opening] of opened) {
      try {
        await (await opening).close();
      } catch (error) {
        this.#logger.error({ binder: name, err: error }, 'the binder failed to close');
      }
    }
  }

  #entry(name: string): BinderEntry {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new Error(`no binder '${name}' was planned`);
    return entry;
  }
}
