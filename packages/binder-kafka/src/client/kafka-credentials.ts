import { readFileSync } from 'node:fs';
import { MillraceError } from '@millrace/core/spi';
import type { KafkaOptions, SaslOptions, SslOptions } from '../kafka-options';

/** TLS options as Node.js takes them; `undefined`: no TLS. */
export function tlsOf(ssl: KafkaOptions['ssl']) {
  if (ssl === false) return undefined;
  if (ssl === true) return {};
  const { ca, cert, key, passphrase, servername, rejectUnauthorized } = ssl;
  return {
    rejectUnauthorized,
    ...(ca !== undefined && { ca: [ca].flat().map((each) => pem('ca', each)) }),
    ...(cert !== undefined && { cert: pem('cert', cert) }),
    ...(key !== undefined && { key: pem('key', key) }),
    ...(passphrase !== undefined && { passphrase }),
    ...(servername !== undefined && { servername }),
  };
}

/** The log-in as the client takes it. */
export function loginOf(sasl: SaslOptions | undefined) {
  if (sasl === undefined) return undefined;
  if (sasl.mechanism !== 'oauthbearer') {
    const { username, password } = sasl;
    const login = { username, password };
    switch (sasl.mechanism) {
      case 'plain':
        return { mechanism: 'plain' as const, ...login };
      case 'scram-sha-256':
        return { mechanism: 'scram-sha-256' as const, ...login };
      case 'scram-sha-512':
        return { mechanism: 'scram-sha-512' as const, ...login };
    }
  }
  const token = sasl.token as () => Promise<string> | string;
  return { mechanism: 'oauthbearer' as const, oauthBearerProvider: async () => ({ value: await token() }) };
}

function pem(name: keyof SslOptions, value: string): string {
  if (value.includes('-----BEGIN')) return value;
  try {
    return readFileSync(value, 'utf8');
  } catch (cause) {
    // The value may be a key that lacks its first line: it is not repeated here.
    const code = (cause as NodeJS.ErrnoException).code;
    throw new MillraceError(
      'CONFIGURATION_INVALID',
      `ssl.${name} is neither PEM text nor a file that can be read (${code})`,
    );
  }
}
