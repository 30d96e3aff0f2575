import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OwnBroker } from '../broker';
import { BrokerProcess } from '../broker-process';
import { type Certificates, createCertificates } from '../certificates';
import { newInstanceFolder } from '../folders';
import { freePorts } from '../free-port';
import { runProgram } from '../run-program';
import {
  type RabbitmqPorts,
  rabbitmqEnvironment,
  rabbitmqPlugins,
  rabbitmqSettings,
  settingsFile,
} from './rabbitmq-config';
import { callManagement } from './rabbitmq-management';
import { missingForRabbitmq, rabbitmqProgram } from './rabbitmq-toolchain';

/**
 * The table of node names belongs to the node: it is started with it and ends with its process group. The folder is
 * an argument only so that the list of processes tells whose node this is.
 */
const NODE = 'exec "$0"';
const NODE_WITH_NAMES = 'epmd -address 127.0.0.1 -port "$ERL_EPMD_PORT" & exec "$0"';

const CLIENT_NAME = 'millrace-client';
const COOKIE = 'MILLRACEDEVELOPMENT';
const EVERYTHING = '.*';

export interface RabbitmqOptions {
  /** Any lines of rabbitmq.conf by name, as in `{ channel_max: '10' }`; they win over ours. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Whether the TLS listener wants to see a client certificate. `optional` is the default. */
  readonly clientCertificate?: 'optional' | 'required';
}

export interface RabbitmqUser {
  readonly name: string;
  readonly password: string;
  /** `/` is the default. */
  readonly vhost?: string;
  readonly tags?: readonly string[];
  /** Regular expressions; `.*` is the default, and `^$` allows nothing. `none` in place of all: not even the vhost. */
  readonly permissions?: { readonly configure?: string; readonly write?: string; readonly read?: string } | 'none';
}

export interface OwnRabbitmq extends OwnBroker {
  /** `amqp://guest:guest@127.0.0.1:port` */
  readonly url: string;
  /** `amqps://guest:guest@localhost:port` */
  readonly secureUrl: string;
  readonly certificates: Certificates;
  /** `http://127.0.0.1:port`, guest and guest. */
  readonly managementUrl: string;
  /** `127.0.0.1:port` of the plain listener, for a proxy. */
  readonly address: string;
  /** Runs rabbitmqctl, about two seconds; gives what it prints. */
  ctl(...args: string[]): Promise<string>;
  /** Calls the management API, as in `management('PUT', '/api/vhosts/shop')`; much faster than rabbitmqctl. */
  management(method: string, path: string, body?: unknown): Promise<unknown>;
  addVhost(name: string): Promise<void>;
  /** Adds a user or changes it. */
  putUser(user: RabbitmqUser): Promise<void>;
  deleteUser(name: string): Promise<void>;
  /** As a full memory would: publishers are blocked until it is disposed of. */
  memoryAlarm(): Promise<AsyncDisposable>;
  /** The node closes every connection of its clients. */
  closeConnections(reason?: string): Promise<void>;
}

/** Where and for how long, for those who do not start a broker for a test. */
export interface RabbitmqPlace {
  readonly folder: string;
  readonly ports: RabbitmqPorts;
  readonly outlivesParent: boolean;
  /** Of a cluster: the table of node names is there already, and stays. */
  readonly isMember?: boolean;
}

/** Share of the machine's memory. More than the node's own setting: others on the machine do not raise its alarm. */
const NO_ALARM = '0.9';

/** Starts a RabbitMQ node of its own on free ports of 127.0.0.1 and waits until it answers. */
export async function startRabbitmq(options: RabbitmqOptions = {}): Promise<OwnRabbitmq> {
  const [amqp = 0, amqps = 0, management = 0, distribution = 0, names = 0] = await freePorts(5);
  const ports = { amqp, amqps, management, distribution, names };
  return startRabbitmqAt({ folder: newInstanceFolder('rabbitmq'), ports, outlivesParent: false }, options);
}

export async function startRabbitmqAt(place: RabbitmqPlace, options: RabbitmqOptions = {}): Promise<RabbitmqServer> {
  const missing = missingForRabbitmq();
  if (missing !== undefined) throw new Error(missing);
  mkdirSync(place.folder, { recursive: true });
  const certificates = await createCertificates(join(place.folder, 'certificates'), { clientName: CLIENT_NAME });
  const server = new RabbitmqServer(place, certificates, options);
  try {
    await server.restart();
    // The owner of the client certificate, who has no password.
    await server.management('PUT', `/api/users/${CLIENT_NAME}`, { password_hash: '', tags: '' });
    await server.allow(CLIENT_NAME, '/', {});
    return server;
  } catch (error) {
    await server.kill();
    throw error;
  }
}

export class RabbitmqServer implements OwnRabbitmq {
  readonly folder: string;
  readonly url: string;
  readonly secureUrl: string;
  readonly managementUrl: string;
  readonly address: string;
  readonly certificates: Certificates;
  readonly #environment: Record<string, string>;
  readonly #process: BrokerProcess;

  constructor(place: RabbitmqPlace, certificates: Certificates, options: RabbitmqOptions) {
    const { folder, ports, outlivesParent, isMember = false } = place;
    const { names, ...own } = ports;
    this.folder = folder;
    this.address = `127.0.0.1:${ports.amqp}`;
    this.url = `amqp://guest:guest@${this.address}`;
    this.secureUrl = `amqps://guest:guest@localhost:${ports.amqps}`;
    this.managementUrl = `http://127.0.0.1:${ports.management}`;
    this.certificates = certificates;
    this.#environment = rabbitmqEnvironment(folder, ports);
    const settings = rabbitmqSettings(ports, certificates, options.clientCertificate ?? 'optional');
    writeFileSync(join(folder, 'rabbitmq.conf'), settingsFile({ ...settings, ...options.settings }));
    writeFileSync(join(folder, 'enabled_plugins'), rabbitmqPlugins);
    writeFileSync(join(folder, '.erlang.cookie'), COOKIE);
    chmodSync(join(folder, '.erlang.cookie'), 0o400);
    const program = rabbitmqProgram('rabbitmq-server') ?? 'rabbitmq-server';
    this.#process = new BrokerProcess({
      name: 'RabbitMQ',
      command: ['/bin/sh', '-c', isMember ? NODE : NODE_WITH_NAMES, program, folder],
      folder,
      env: this.#environment,
      ports: isMember ? Object.values(own) : [...Object.values(own), names],
      started: 'Server startup complete',
      outlivesParent,
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  log(): string {
    return this.#process.log();
  }

  restart(): Promise<void> {
    return this.#process.restart();
  }

  shutDown(): Promise<void> {
    return this.#process.shutDown();
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }

  freeze(): void {
    this.#process.freeze();
  }

  thaw(): void {
    this.#process.thaw();
  }

  ctl(...args: string[]): Promise<string> {
    return runProgram(rabbitmqProgram('rabbitmqctl') ?? 'rabbitmqctl', args, { env: this.#environment });
  }

  management(method: string, path: string, body?: unknown): Promise<unknown> {
    return callManagement(this.managementUrl, method, path, body);
  }

  async addVhost(name: string): Promise<void> {
    await this.management('PUT', `/api/vhosts/${encodeURIComponent(name)}`);
  }

  async putUser({ name, password, vhost = '/', tags = [], permissions = {} }: RabbitmqUser): Promise<void> {
    await this.management('PUT', `/api/users/${encodeURIComponent(name)}`, { password, tags: tags.join() });
    if (permissions !== 'none') await this.allow(name, vhost, permissions);
  }

  async deleteUser(name: string): Promise<void> {
    await this.management('DELETE', `/api/users/${encodeURIComponent(name)}`);
  }

  async allow(name: string, vhost: string, permissions: Exclude<RabbitmqUser['permissions'], 'none' | undefined>) {
    const path = `/api/permissions/${encodeURIComponent(vhost)}/${encodeURIComponent(name)}`;
    const { configure = EVERYTHING, write = EVERYTHING, read = EVERYTHING } = permissions;
    await this.management('PUT', path, { configure, write, read });
  }

  async memoryAlarm(): Promise<AsyncDisposable> {
    await this.ctl('set_vm_memory_high_watermark', '0');
    return {
      [Symbol.asyncDispose]: async () => {
        await this.ctl('set_vm_memory_high_watermark', NO_ALARM);
      },
    };
  }

  async closeConnections(reason = 'closed by a test'): Promise<void> {
    await this.ctl('close_all_connections', reason);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
