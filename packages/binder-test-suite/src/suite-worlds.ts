import type { BinderUnderTest, World } from './binder-under-test';
import type { Worlds } from './check-context';

/** Opens what the checks of one file share, and closes it after the last of them. */
export class SuiteWorlds {
  readonly #subject: BinderUnderTest;
  #world: World | undefined;
  #ownWorld: Promise<World> | undefined;

  constructor(subject: BinderUnderTest) {
    this.#subject = subject;
  }

  async open(): Promise<void> {
    this.#world = await this.#subject.newWorld();
  }

  get worlds(): Worlds {
    const world = this.#world;
    if (world === undefined) throw new Error(`${this.#subject.name} has no world: beforeAll did not run`);
    return { world, ownWorld: () => this.#own() };
  }

  async close(): Promise<void> {
    const own = await this.#ownWorld?.catch(() => undefined);
    await Promise.all([this.#world?.close?.(), own?.close?.()]);
  }

  async #own(): Promise<World> {
    this.#ownWorld ??= this.#openOwn();
    return this.#ownWorld;
  }

  async #openOwn(): Promise<World> {
    return this.#subject.newOwnWorld?.() ?? this.#subject.newWorld();
  }
}
