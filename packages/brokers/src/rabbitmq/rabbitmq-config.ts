import { join } from 'node:path';
import type { Certificates } from '../certificates';

export interface RabbitmqPorts {
  readonly amqp: number;
  readonly amqps: number;
  readonly management: number;
  /** Between nodes, and from the command line tools to the node. */
  readonly distribution: number;
  /** Erlang's table of node names. A node that is alone has its own, so that none outlives it; a cluster has one. */
  readonly names: number;
}

/** The plugins of every node: the management API, and users by client certificate. */
export const rabbitmqPlugins = '[rabbitmq_management,rabbitmq_auth_mechanism_ssl].\n';

/** Settings by their names in rabbitmq.conf. */
export function rabbitmqSettings(
  ports: RabbitmqPorts,
  { authorityFile, server }: Certificates,
  clientCertificate: 'optional' | 'required',
): Record<string, string> {
  return {
    'listeners.tcp.1': `127.0.0.1:${ports.amqp}`,
    'listeners.ssl.1': `127.0.0.1:${ports.amqps}`,
    'ssl_options.cacertfile': authorityFile,
    'ssl_options.certfile': server.certificateFile,
    'ssl_options.keyfile': server.keyFile,
    'ssl_options.verify': 'verify_peer',
    'ssl_options.fail_if_no_peer_cert': String(clientCertificate === 'required'),
    ssl_cert_login_from: 'common_name',
    'auth_mechanisms.1': 'PLAIN',
    'auth_mechanisms.2': 'AMQPLAIN',
    'auth_mechanisms.3': 'EXTERNAL',
    'management.tcp.ip': '127.0.0.1',
    'management.tcp.port': String(ports.management),
    // Tests ask it what has just happened.
    collect_statistics_interval: '1000',
    'log.console': 'true',
    'log.console.level': 'info',
    'log.file': 'false',
    'disk_free_limit.absolute': '50MB',
  };
}

export function settingsFile(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');
}

export function rabbitmqNodeName({ amqp }: RabbitmqPorts): string {
  return `millrace-${amqp}@localhost`;
}

/** Everything a node and its command line tools would otherwise look for in the system's folders, or share. */
export function rabbitmqEnvironment(folder: string, ports: RabbitmqPorts): Record<string, string> {
  return {
    // Erlang's cookie is in the home folder.
    HOME: folder,
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: String(ports.names),
    RABBITMQ_NODENAME: rabbitmqNodeName(ports),
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(ports.amqp),
    RABBITMQ_DIST_PORT: String(ports.distribution),
    RABBITMQ_CONF_ENV_FILE: join(folder, 'rabbitmq-env.conf'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, 'advanced.config'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    // The schedulers do not spin while they wait: the processor belongs to the tests.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: [
      '+sbwt none +sbwtdcpu none +sbwtdio none',
      '-kernel inet_dist_use_interface {127,0,0,1}',
    ].join(' '),
    LANG: 'C.UTF-8',
  };
}
