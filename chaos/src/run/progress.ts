import { type Moment, now, type Told } from '../ledger/entry';

/** Counts what is still to be handled while a run goes on; the judge counts again, more strictly, at the end. */
export class Progress {
  readonly #groups: readonly string[];
  /** By message: the groups that have not finished it. */
  readonly #open = new Map<string, Set<string>>();
  readonly #finished = new Map<string, Set<string>>();
  readonly #byId = new Map<string, string>();
  readonly #perGroup = new Map<string, number>();
  #movedAt: Moment = now();

  constructor(groups: readonly string[]) {
    this.#groups = groups;
  }

  /** Confirmed messages that some group has not finished. */
  get outstanding(): number {
    return this.#open.size;
  }

  /** Since the last message was finished. */
  get idleMs(): number {
    return now() - this.#movedAt;
  }

  /** Whether every group has finished something. */
  get isFlowing(): boolean {
    return this.#groups.every((group) => (this.#perGroup.get(group) ?? 0) > 0);
  }

  add(entry: Told): void {
    switch (entry.what) {
      case 'confirmed': {
        const name = `${entry.key}#${entry.number}`;
        const finished = this.#finished.get(name);
        const left = this.#groups.filter((group) => !finished?.has(group));
        if (left.length > 0) this.#open.set(name, new Set(left));
        break;
      }
      case 'started':
        this.#byId.set(`${entry.group} ${entry.id}`, `${entry.key}#${entry.number}`);
        break;
      case 'done':
        this.#byId.delete(`${entry.group} ${entry.id}`);
        this.#finish(`${entry.key}#${entry.number}`, entry.group);
        break;
      case 'dead': {
        const name = this.#byId.get(`${entry.group} ${entry.id}`);
        if (!entry.isWritten || name === undefined) break;
        this.#finish(name, entry.group);
        // What the first group has put aside never reaches the others.
        if (entry.group === this.#groups[0]) for (const group of this.#groups) this.#finish(name, group);
        break;
      }
      default:
    }
  }

  #finish(name: string, group: string): void {
    this.#movedAt = now();
    this.#perGroup.set(group, (this.#perGroup.get(group) ?? 0) + 1);
    const finished = this.#finished.get(name) ?? new Set();
    this.#finished.set(name, finished.add(group));
    const left = this.#open.get(name);
    left?.delete(group);
    if (left?.size === 0) this.#open.delete(name);
  }
}
