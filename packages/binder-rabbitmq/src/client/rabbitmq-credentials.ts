import { MillraceError, tlsSettings } from '@millrace/core/spi';
import type { RabbitmqOptions } from '../rabbitmq-options';
import type { ConnectionSettings, Login, TlsSettings } from '../rabbitmq-port';

interface UserAndPassword {
  readonly username?: string;
  readonly password?: string;
}

/**
 * Tells how to connect, one entry for each node, anew before every connection: addresses and passwords may have changed.
 *
 * @throws MillraceError CONFIGURATION_INVALID at once for what is wrong in the options, later for what a function gives
 */
export function connectionSettings(
  options: RabbitmqOptions,
  name: string,
): () => Promise<readonly ConnectionSettings[]> {
  const { url, heartbeat, connectionTimeout } = options;
  const tls = tlsOf(options.ssl);
  const settingsOf = (address: string, given: UserAndPassword): ConnectionSettings => {
    const parsed = addressOf(address, options);
    const isSecure = parsed.protocol === 'amqps:';
    return {
      url: `${parsed.protocol}//${parsed.host}${parsed.pathname}`,
      login: loginOf(parsed, options, given),
      name,
      heartbeat: Math.ceil(heartbeat / 1_000),
      timeoutMs: connectionTimeout,
      tls: isSecure ? (tls ?? { rejectUnauthorized: true }) : undefined,
    };
  };
  if (typeof url !== 'function') for (const address of [url].flat()) settingsOf(String(address), {});
  return async () => {
    const addresses = [typeof url === 'function' ? await (url as () => unknown)() : url].flat();
    const given = ((await (options.credentials as (() => unknown) | undefined)?.()) ?? {}) as UserAndPassword;
    if (addresses.length === 0) throw invalid("'url' gave no address");
    return addresses.map((address) => settingsOf(String(address), given));
  };
}

function addressOf(address: string, { ssl, vhost }: RabbitmqOptions): URL {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw invalid("'url' is no address such as amqp://host:5672/vhost");
  }
  if (url.protocol !== 'amqp:' && url.protocol !== 'amqps:')
    throw invalid(`'url' begins with ${url.protocol}//; it has to be amqp:// or amqps://`);
  if (url.search !== '' || url.hash !== '')
    throw invalid("'url' has a part behind '?' or '#': what stands there belongs into options of their own");
  // Neither protocol is one the URL class knows, so the text is changed and read again.
  const secure = ssl === false ? url.protocol : 'amqps:';
  const path = vhost === undefined ? url.pathname : `/${encodeURIComponent(vhost)}`;
  const changed = new URL(`${secure}//${url.host === '' ? 'localhost' : url.host}${path === '/' ? '' : path}`);
  changed.username = url.username;
  changed.password = url.password;
  return changed;
}

function loginOf(url: URL, options: RabbitmqOptions, given: UserAndPassword): Login {
  if (options.mechanism === 'external') return { mechanism: 'external' };
  return {
    mechanism: 'plain',
    username: given.username ?? options.username ?? decoded(url.username, 'user') ?? 'guest',
    password: given.password ?? options.password ?? decoded(url.password, 'password') ?? 'guest',
  };
}

function decoded(part: string, what: string): string | undefined {
  if (part === '') return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid(`the ${what} in 'url' is not encoded as an address needs it: write % as %25`);
  }
}

function tlsOf(ssl: RabbitmqOptions['ssl']): TlsSettings | undefined {
  if (ssl === false) return undefined;
  if (ssl === true) return { rejectUnauthorized: true };
  return tlsSettings(ssl);
}

/** Never with the value: it may hold a password. */
function invalid(fault: string): MillraceError {
  return new MillraceError('CONFIGURATION_INVALID', fault);
}
