import type { ApplicationState } from '../observe/events';
import { type BinderHealth, type BindingHealth, type Health, worst } from '../observe/health';
import type { OpenBinders } from './binder-registry';

/** Puts the health of an application together. A binder that says nothing of its connection is judged by its bindings. */
export function healthOf(state: ApplicationState, bindings: readonly BindingHealth[], binders: OpenBinders): Health {
  const names = new Set([...bindings.map(({ binder }) => binder), ...binders.names]);
  const ofBinders: BinderHealth[] = [...names].map((name) => {
    const isWell = bindings.every(({ binder, trouble }) => binder !== name || trouble === undefined);
    return { name, connected: binders.connected(name) ?? isWell };
  });
  const isDown = state !== 'running' || ofBinders.some(({ connected }) => !connected);
  return { status: isDown ? 'down' : worst(bindings.map(({ status }) => status)), bindings, binders: ofBinders };
}
