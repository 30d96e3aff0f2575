import type { QueueDeclaration } from '../rabbitmq-port';
import type { Declaration } from './rabbitmq-declaration';

/** From here on a quorum queue has a limit of deliveries that nobody asked for, and takes -1 for none. */
const FIRST_WITH_LIMIT = 4;

/**
 * A declaration as this release of the broker has to be told what was asked for.
 *
 * @param version such as `4.0.5`; `undefined` where the broker does not tell: then nothing is changed
 */
export function asTold(declaration: Declaration, version: string | undefined): Declaration {
  if (declaration.kind !== 'queue' || majorOf(version) >= FIRST_WITH_LIMIT) return declaration;
  const { 'x-delivery-limit': limit, ...others } = declaration.arguments;
  // Before, there was no limit unless asked for, and any number below 0 threw away what came back for the first time.
  const isUnlimited = typeof limit === 'number' && limit < 0;
  return isUnlimited ? { ...declaration, arguments: others } : declaration;
}

/** Whether the broker throws messages of the queue away after some deliveries, which nobody has asked for. */
export function throwsAway({ arguments: all }: QueueDeclaration, version: string | undefined): boolean {
  if (version === undefined || majorOf(version) < FIRST_WITH_LIMIT) return false;
  const { 'x-queue-type': type, 'x-delivery-limit': limit, 'x-dead-letter-exchange': onward } = all;
  return type === 'quorum' && limit === undefined && onward === undefined;
}

function majorOf(version: string | undefined): number {
  return version === undefined ? Number.POSITIVE_INFINITY : Number.parseInt(version, 10);
}
