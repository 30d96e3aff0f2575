import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { OwnBroker } from '../broker';
import { BrokerProcess } from '../broker-process';
import { newInstanceFolder } from '../folders';
import { freePorts } from '../free-port';
import { runProgram } from '../run-program';
import { until } from '../until';
import { type PostgresOwner, postgresOwner } from './postgres-owner';
import { missingForPostgres, postgresProgram } from './postgres-toolchain';

/** Replaces itself by the server. The folder is an argument only so that the list of processes tells whose server this is. */
const SERVER = 'exec "$@"';

const KILL_TIMEOUT_MS = 5_000;

export interface PostgresOptions {
  /** Any settings by their names in postgresql.conf, as in `{ max_connections: '10' }`; they win over ours. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface OwnPostgres extends OwnBroker {
  /** `postgres://postgres@127.0.0.1:port/postgres`; there is no password. */
  readonly url: string;
  /** `127.0.0.1:port`, for a proxy. */
  readonly address: string;
}

/** Where and for how long, for those who do not start a server for a test. */
export interface PostgresPlace {
  readonly folder: string;
  readonly port: number;
  readonly outlivesParent: boolean;
}

/** Starts a PostgreSQL server with a cluster of its own on a free port of 127.0.0.1 and waits until it answers. */
export async function startPostgres(options: PostgresOptions = {}): Promise<OwnPostgres> {
  const [port = 0] = await freePorts(1);
  return startPostgresAt({ folder: newInstanceFolder('postgres'), port, outlivesParent: false }, options);
}

export async function startPostgresAt(place: PostgresPlace, options: PostgresOptions = {}): Promise<PostgresServer> {
  const missing = missingForPostgres();
  if (missing !== undefined) throw new Error(missing);
  const owner = await postgresOwner(place.folder);
  const server = new PostgresServer(place, owner, options);
  try {
    if (!existsSync(join(owner.data, 'PG_VERSION'))) await makeCluster(owner);
    await server.restart();
    return server;
  } catch (error) {
    await server.kill();
    throw error;
  }
}

async function makeCluster({ command, data }: PostgresOwner): Promise<void> {
  const initdb = postgresProgram('initdb') ?? 'initdb';
  const [program = initdb, ...args] = [...command, initdb, '--pgdata', data];
  const settings = ['--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  await runProgram(program, [...args, ...settings, '--no-instructions'], { cwd: '/' });
}

export class PostgresServer implements OwnPostgres {
  readonly folder: string;
  readonly url: string;
  readonly address: string;
  readonly #data: string;
  readonly #process: BrokerProcess;

  constructor(
    { folder, port, outlivesParent }: PostgresPlace,
    { command, data }: PostgresOwner,
    options: PostgresOptions,
  ) {
    this.folder = folder;
    this.address = `127.0.0.1:${port}`;
    this.url = `postgres://postgres@${this.address}/postgres`;
    this.#data = data;
    const settings = { ...settingsFor(port), ...options.settings };
    const postgres = [postgresProgram('postgres') ?? 'postgres', '-D', data];
    const given = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    this.#process = new BrokerProcess({
      name: 'PostgreSQL',
      command: ['/bin/sh', '-c', SERVER, folder, ...command, ...postgres, ...given],
      folder,
      ports: [port],
      started: 'database system is ready to accept connections',
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

  /**
   * The server first, and alone: then the shell above it takes leave of it. A lock file whose process is dead and unmissed stands
   * in the way of the next start.
   */
  async kill(): Promise<void> {
    const server = this.#serverPid();
    if (server !== undefined && signalled(server, 'SIGKILL')) {
      const gone = () => !signalled(server, 0);
      await until(gone, KILL_TIMEOUT_MS, () => new Error('nobody took leave of it')).catch(() => undefined);
    }
    await this.#process.kill();
  }

  async stop(): Promise<void> {
    await this.#process.stop();
    rmSync(this.#data, { recursive: true, force: true, maxRetries: 3 });
  }

  freeze(): void {
    this.#process.freeze();
  }

  thaw(): void {
    this.#process.thaw();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** By its lock file, which speaks of this server only while it runs. */
  #serverPid(): number | undefined {
    const lockFile = join(this.#data, 'postmaster.pid');
    if (!this.#process.isRunning || !existsSync(lockFile)) return undefined;
    const pid = Number.parseInt(readFileSync(lockFile, 'utf8'), 10);
    return pid > 1 ? pid : undefined;
  }
}

/** Whether there was such a process. */
function signalled(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** Data survive a killed process, not a machine that loses its power: nobody kills that. */
function settingsFor(port: number): Record<string, string> {
  return {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    shared_buffers: '32MB',
    fsync: 'off',
    full_page_writes: 'off',
    // A backend whose client has gone notices it soon, also while it waits for a lock.
    client_connection_check_interval: '1s',
  };
}
