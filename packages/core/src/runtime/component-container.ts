import { Container, inject, type Newable } from 'inversify';
import type { ChannelToken } from '../channel/channel';
import type { Source } from '../decorators/source';
import { MillraceError } from '../errors/millrace-error';
import { type ComponentClass, injectionPoints, sourcesOf, tokenOf } from '../metadata/class-metadata';

/**
 * Resolves the components, once each, with their sources. What it binds into the user's container it takes out again.
 * inversify knows nothing of channels: a constructor source is a value bound to a symbol of that one parameter.
 */
export class ComponentContainer {
  readonly #container: Container;
  readonly #components: readonly ComponentClass[];
  readonly #isMade: (component: ComponentClass) => boolean;
  readonly #bound: (symbol | ComponentClass)[] = [];

  /** @param isMade which components are created at the start; others are when somebody asks for them */
  constructor(
    container: Container | undefined,
    components: readonly ComponentClass[],
    isMade: (component: ComponentClass) => boolean,
  ) {
    this.#container = container ?? new Container();
    this.#components = components;
    this.#isMade = isMade;
  }

  /** Creates the components. @throws MillraceError WIRING_INVALID naming the class that cannot be made */
  async open(sourceOf: (channel: ChannelToken<unknown>) => Source<unknown>): Promise<void> {
    for (const component of this.#components) {
      this.#bindSources(component, sourceOf);
      if (!this.#container.isBound(component)) {
        this.#container
          .bind(component)
          .to(component as unknown as Newable<object>)
          .inSingletonScope()
          .onActivation((_context, instance) => {
            assignProperties(component, instance as object, sourceOf);
            return instance;
          });
        this.#bound.push(component);
      }
    }
    for (const component of this.#components.filter(this.#isMade)) {
      const instance = await this.#create(component);
      // One that the user has bound is not ours to watch.
      if (!this.#bound.includes(component)) assignProperties(component, instance, sourceOf);
    }
  }

  get<T extends object>(component: abstract new (...args: never[]) => T): T {
    if (!this.#container.isBound(component)) {
      throw new MillraceError(
        'APPLICATION_STATE',
        `there is no ${component.name}: it is no component, or the application is not started or already stopped`,
      );
    }
    return this.#container.get<T>(component);
  }

  async close(): Promise<void> {
    for (const identifier of this.#bound.splice(0))
      if (this.#container.isBound(identifier)) await this.#container.unbind(identifier);
  }

  #bindSources(component: ComponentClass, sourceOf: (channel: ChannelToken<unknown>) => Source<unknown>): void {
    const points = injectionPoints(component, ({ identifier, index }) =>
      inject(identifier)(component, undefined, index),
    );
    for (const { identifier, channel } of points) {
      const token = tokenOf(channel);
      if (token === undefined) continue;
      if (this.#container.isBound(identifier)) {
        throw new MillraceError(
          'WIRING_INVALID',
          `${component.name} is already in use by another application on the same container; give each application a container of its own`,
        );
      }
      this.#container.bind(identifier).toConstantValue(sourceOf(token));
      this.#bound.push(identifier);
    }
  }

  async #create(component: ComponentClass): Promise<object> {
    try {
      return await this.#container.getAsync<object>(component);
    } catch (cause) {
      throw new MillraceError('WIRING_INVALID', `${component.name} cannot be created: ${(cause as Error).message}`, {
        cause,
      });
    }
  }
}

/** Assigned, not defined as accessors: a declared field would hide an accessor of the prototype. */
function assignProperties(
  component: ComponentClass,
  instance: object,
  sourceOf: (channel: ChannelToken<unknown>) => Source<unknown>,
): void {
  for (const source of sourcesOf(component)) {
    if (source.place !== 'property') continue;
    const token = tokenOf(source.channel);
    if (token !== undefined)
      Object.defineProperty(instance, source.property, {
        value: sourceOf(token),
        enumerable: true,
        configurable: true,
        writable: false,
      });
  }
}
