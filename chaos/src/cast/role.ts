import { Archivist } from './archivist';
import { Audience } from './audience';
import { Processor } from './processor';
import { Shipper } from './shipper';
import { Worker } from './worker';

/** What each kind of process runs. */
export const roles = Object.freeze({
  producer: [Shipper],
  processor: [Processor],
  worker: [Worker],
  archivist: [Archivist, Audience],
});

export type Role = keyof typeof roles;

/** The group whose messages a role handles. */
export const groupOf: Readonly<Record<Role, string | undefined>> = Object.freeze({
  producer: undefined,
  processor: 'processors',
  worker: 'workers',
  archivist: 'archivists',
});

/** `worker-2` is a worker. */
export function roleOf(member: string): Role {
  const role = member.replace(/-\d+$/, '');
  if (Object.hasOwn(roles, role)) return role as Role;
  throw new Error(`'${member}' names none of the roles ${Object.keys(roles).join(', ')}`);
}

/** Two producers, two processors, a group of three and a group of one. */
export const everybody: readonly string[] = Object.freeze([
  'archivist-1',
  'worker-1',
  'worker-2',
  'worker-3',
  'processor-1',
  'processor-2',
  'producer-1',
  'producer-2',
]);
