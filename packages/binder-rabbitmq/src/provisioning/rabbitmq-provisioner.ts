import { MillraceError } from '@millrace/core/spi';
import { bindFailed, replyCodeOf } from '../rabbitmq-errors';
import type { TopologyPort } from '../rabbitmq-port';
import type { Declaration } from './rabbitmq-declaration';
import { explainMismatch } from './rabbitmq-mismatch';

const NOT_FOUND = 404;
const PRECONDITION_FAILED = 406;

/**
 * Declares or checks one after the other. The channel dies of the first that is refused.
 *
 * @throws MillraceError BINDER_FAILED, not retryable where the broker has answered: something is missing, exists with other
 * arguments, or may not be declared by this user
 */
export async function provision(
  channel: TopologyPort,
  declarations: readonly Declaration[],
  binding: string,
): Promise<void> {
  for (const declaration of declarations) {
    try {
      await carryOut(channel, declaration);
    } catch (cause) {
      throw explained(declaration, cause, binding);
    }
  }
}

function carryOut(channel: TopologyPort, declaration: Declaration): Promise<void> {
  switch (declaration.kind) {
    case 'exchange':
      return channel.declareExchange(declaration);
    case 'queue':
      return channel.declareQueue(declaration);
    case 'binding':
      return channel.bindQueue(declaration);
    case 'existing exchange':
      return channel.checkExchange(declaration.name);
    case 'existing queue':
      return channel.checkQueue(declaration.name);
  }
}

function explained(declaration: Declaration, cause: unknown, binding: string): MillraceError {
  const code = replyCodeOf(cause);
  const mismatch = code === PRECONDITION_FAILED ? explainMismatch(cause) : undefined;
  if (mismatch !== undefined)
    return new MillraceError('BINDER_FAILED', `${binding}: ${mismatch}`, { cause, retryable: false });
  if (code === NOT_FOUND && declaration.kind.startsWith('existing'))
    return new MillraceError('BINDER_FAILED', `${binding}: ${missing(declaration)}`, { cause, retryable: false });
  return bindFailed(`${binding}: ${nameOf(declaration)}`, cause);
}

function missing(declaration: Declaration): string {
  const what = declaration.kind.slice('existing '.length);
  const remedy = `it is only asked for, because of 'provision: verify', '${what}' or 'declareDeadLetterExchange: false'`;
  return `${nameOf(declaration)} does not exist; create it, or let the binder declare it: ${remedy}`;
}

function nameOf(declaration: Declaration): string {
  if (declaration.kind === 'binding')
    return `queue ${declaration.queue} bound to exchange ${declaration.exchange} with '${declaration.routingKey}'`;
  return `${declaration.kind.replace('existing ', '')} ${declaration.name}`;
}
