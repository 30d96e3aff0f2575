import type { Certificates } from '../certificates';

/** Who may come in through the secure listener, by SCRAM and by PLAIN alike. */
export interface KafkaUser {
  readonly username: string;
  readonly password: string;
}

/** What a client needs for the listener with TLS and SASL. */
export interface SecureKafka extends KafkaUser {
  /** `host:port` */
  readonly brokers: string[];
  readonly certificates: Certificates;
}

export const kafkaUser: KafkaUser = { username: 'barista', password: 'flat-white-4711' };

const MODULES = 'org.apache.kafka.common.security';
const LISTENER = 'listener.name.secure';

/** The properties of the secure listener: PLAIN, SCRAM, and OAUTHBEARER with tokens that nobody has signed. */
export function secureProperties({ server, authorityFile }: Certificates): Record<string, string> {
  const { username, password } = kafkaUser;
  return {
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    [`${LISTENER}.plain.sasl.jaas.config`]: `${MODULES}.plain.PlainLoginModule required user_${username}="${password}";`,
    [`${LISTENER}.scram-sha-256.sasl.jaas.config`]: `${MODULES}.scram.ScramLoginModule required;`,
    [`${LISTENER}.scram-sha-512.sasl.jaas.config`]: `${MODULES}.scram.ScramLoginModule required;`,
    [`${LISTENER}.oauthbearer.sasl.jaas.config`]: `${MODULES}.oauthbearer.OAuthBearerLoginModule required;`,
    [`${LISTENER}.ssl.keystore.type`]: 'PEM',
    [`${LISTENER}.ssl.keystore.location`]: server.bothFile,
    [`${LISTENER}.ssl.truststore.type`]: 'PEM',
    [`${LISTENER}.ssl.truststore.location`]: authorityFile,
    [`${LISTENER}.ssl.client.auth`]: 'none',
  };
}

/** Arguments of StorageTool: SCRAM users live in the metadata, and there they can be put before the first start. */
export function scramUsers(): string[] {
  const { username, password } = kafkaUser;
  return ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
    '--add-scram',
    `${mechanism}=[name=${username},password=${password}]`,
  ]);
}
