import { tlsSettings } from '@millrace/core/spi';
import type { KafkaOptions, SaslOptions } from '../kafka-options';

/** TLS options as Node.js takes them; `undefined`: no TLS. */
export function tlsOf(ssl: KafkaOptions['ssl']) {
  if (ssl === false) return undefined;
  if (ssl === true) return {};
  return tlsSettings(ssl);
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
