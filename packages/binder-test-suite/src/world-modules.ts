import type { BinderModule } from '@millrace/core/spi';
import type { World } from './binder-under-test';
import type { Faults } from './faults';
import { faultyBinder } from './faulty-binder';

/**
 * Binder modules for an application that uses several worlds, by the names of its binders. There is one module of each type,
 * which looks up the world of the binder it is asked to create: so two brokers of one kind fit into one application.
 */
export function modulesOf(worlds: Readonly<Record<string, World>>, faults: Faults): BinderModule[] {
  const types = new Map<string, World[]>();
  for (const world of Object.values(worlds))
    types.set(world.module.type, [...(types.get(world.module.type) ?? []), world]);
  return [...types.values()].flatMap(([first]) =>
    first === undefined ? [] : [faultyBinder(dispatching(first.module, worlds), faults)],
  );
}

function dispatching(first: BinderModule, worlds: Readonly<Record<string, World>>): BinderModule {
  return {
    type: first.type,
    options: first.options,
    producerOptions: first.producerOptions,
    consumerOptions: first.consumerOptions,
    create: (context) => (worlds[context.name]?.module ?? first).create(context),
  };
}
