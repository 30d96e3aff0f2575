import { connect, credentials } from 'amqplib';
import type { ConnectionListener, ConnectionPort, ConnectionSettings, RabbitmqPort } from '../rabbitmq-port';
import { AmqplibConnection } from './amqplib-connection';

const KEEP_ALIVE_DELAY_MS = 15_000;
const NOT_ALLOWED = 530;

/**
 * The port over amqplib 2.3.1 or newer (traps 9, 13, 14, 15), with the types it brings along (trap 19): the only file that knows
 * it. Its own recovery is not used: it restores connections only (traps 1 to 3), and takes its credentials once.
 */
export const amqplibPort: RabbitmqPort = Object.freeze({ connect: openConnection });

async function openConnection(settings: ConnectionSettings, listener: ConnectionListener): Promise<ConnectionPort> {
  const { login, name, heartbeat, timeoutMs, tls } = settings;
  const url = new URL(settings.url);
  const vhost = url.pathname.slice(1);
  const mechanism =
    login.mechanism === 'plain' ? credentials.plain(login.username, login.password) : credentials.external();
  try {
    const model = await connect(
      {
        protocol: url.protocol.slice(0, -1),
        hostname: url.hostname.replace(/^\[|\]$/g, ''),
        ...(url.port !== '' && { port: Number(url.port) }),
        // Still in its encoded form, as the client wants it.
        ...(vhost !== '' && { vhost }),
        heartbeat,
        // No frameMax of ours (trap 13): 4.x insists on more than old clients asked for.
      },
      {
        // Nagle's algorithm costs 40 ms for each answer that is waited for (trap 11).
        noDelay: true,
        keepAlive: true,
        keepAliveDelay: KEEP_ALIVE_DELAY_MS,
        timeout: timeoutMs,
        credentials: mechanism,
        clientProperties: { connection_name: name },
        ...(tls as object),
      },
    );
    return new AmqplibConnection(model, listener);
  } catch (error) {
    throw withReplyCode(withoutCertificate(error), vhost);
  }
}

/**
 * Node.js hangs the whole certificate of the broker on an error about its name. One that signed itself holds itself, and a logger
 * that writes JSON would throw; the message says what is wrong without it.
 */
function withoutCertificate(error: unknown): unknown {
  if (typeof error === 'object' && error !== null) Reflect.deleteProperty(error, 'cert');
  return error;
}

/**
 * During the handshake the client puts the code of a refusal into the text only. The last answer is that about the virtual host:
 * of a refusal there it does not even keep the broker's words.
 */
function withReplyCode(error: unknown, vhost: string): unknown {
  const { message = '' } = error as Error;
  if (message.startsWith('Expected ConnectionOpenOk; got <ConnectionClose')) {
    const words = `vhost '${vhost === '' ? '/' : vhost}' is not there, not for this user, or takes no more connections`;
    return Object.assign(new Error(words, { cause: error }), { code: NOT_ALLOWED });
  }
  const code = /^Handshake terminated by server: (\d{3})/.exec(message)?.[1];
  return code === undefined ? error : Object.assign(error as Error, { code: Number(code) });
}
