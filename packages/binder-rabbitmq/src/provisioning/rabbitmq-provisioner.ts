import { type Logger, MillraceError } from '@millrace/core/spi';
import { bindFailed, replyCodeOf } from '../rabbitmq-errors';
import type { ConnectionPort, TopologyPort } from '../rabbitmq-port';
import type { Declaration } from './rabbitmq-declaration';
import { explainMismatch } from './rabbitmq-mismatch';
import { asTold, throwsAway } from './rabbitmq-release';

const LIMITED =
  "RabbitMQ 4 throws a message of this quorum queue away when it comes back for the 21st time, as nothing takes its dead letters: say 'deliveryLimit: -1', a number of your own, or 'brokerDeadLetters: true'";
const NOT_FOUND = 404;
const PRECONDITION_FAILED = 406;

/** Makes sure of what bindings need at the broker. */
export class RabbitmqProvisioner {
  readonly #logger: Logger;
  readonly #warnedOf = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /**
   * Declares or checks one after the other, on a channel of its own: it dies of the first that is refused (trap 4).
   *
   * @throws MillraceError BINDER_FAILED, not retryable where the broker has answered: something is missing, exists with other
   * arguments, or may not be declared by this user
   */
  async provision(connection: ConnectionPort, declarations: readonly Declaration[], binding: string): Promise<void> {
    if (declarations.length === 0) return;
    const channel = await connection.openTopology();
    try {
      for (const declaration of declarations) await this.#carryOut(channel, declaration, connection.version, binding);
    } finally {
      await channel.close();
    }
  }

  async #carryOut(channel: TopologyPort, declaration: Declaration, version: string | undefined, binding: string) {
    try {
      await carryOut(channel, asTold(declaration, version));
    } catch (cause) {
      throw explained(declaration, cause, binding);
    }
    if (declaration.kind !== 'queue' || !throwsAway(declaration, version)) return;
    const { name: queue } = declaration;
    if (this.#warnedOf.has(queue)) return;
    this.#warnedOf.add(queue);
    this.#logger.warn({ binding, queue, version }, LIMITED);
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
