import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OwnBroker } from '../broker';
import { BrokerProcess } from '../broker-process';
import { type Certificates, createCertificates } from '../certificates';
import { newInstanceFolder } from '../folders';
import { freePorts } from '../free-port';
import { startProxy, type TcpProxy } from '../proxy/proxy';
import { runProgram } from '../run-program';
import { newClusterId } from './kafka-cluster-id';
import { untilGroupsAreServed } from './kafka-groups';
import { type KafkaMember, type KafkaPorts, kafkaProperties, propertiesFile } from './kafka-properties';
import { kafkaUser, type SecureKafka, scramUsers, secureProperties } from './kafka-security';
import { kafkaLibraries, missingForKafka } from './kafka-toolchain';

/** The quick compiler only: half of the time to start, and the processor is left to the tests. */
const QUICK_START = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
const HEAP = ['-Xms256m', '-Xmx768m'];
const LOGGING = ['-Dorg.slf4j.simpleLogger.showDateTime=true', '-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS'];
/** A second or two, but for a machine that is busy with other things. */
const FORMAT_TIMEOUT_MS = 120_000;
const CLASS_PATH = ['-cp', join(kafkaLibraries, '*')];

export interface KafkaOptions {
  /** Partitions of a topic that does not say how many it wants (a creation with -1 partitions). */
  readonly partitions?: number;
  readonly maxMessageBytes?: number;
  /** Any server properties; they win over ours. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Instead of the options for a quick start; for measurements: `[]`. */
  readonly javaOptions?: readonly string[];
  /** A second listener with TLS and SASL. */
  readonly secure?: boolean;
  /** `brokers` is a proxy's address, and the broker tells clients no other one. */
  readonly proxied?: boolean;
}

export interface OwnKafka extends OwnBroker {
  /** `host:port` of the plain listener, or of the proxy before it. */
  readonly brokers: string[];
  /** Past the proxy. */
  readonly directBrokers: string[];
  /** The proxy before `brokers`: with `{ proxied: true }`. */
  readonly proxy: TcpProxy;
  /** The listener with TLS and SASL: with `{ secure: true }`. */
  readonly secure: SecureKafka;
}

/** Where and for how long, for those who do not start a broker for a test. */
export interface KafkaPlace {
  readonly folder: string;
  readonly ports: Pick<KafkaPorts, 'client' | 'direct' | 'controller'>;
  readonly outlivesParent: boolean;
  readonly member?: KafkaMember;
}

/** Starts a Kafka of its own on free ports of 127.0.0.1 and waits until it serves groups. */
export async function startKafka(options: KafkaOptions = {}): Promise<OwnKafka> {
  const [client = 0, direct = 0, controller = 0] = await freePorts(3);
  const ports = { client, direct, controller };
  return startKafkaAt({ folder: newInstanceFolder('kafka'), ports, outlivesParent: false }, options);
}

export async function startKafkaAt(place: KafkaPlace, options: KafkaOptions = {}): Promise<KafkaServer> {
  const missing = missingForKafka();
  if (missing !== undefined) throw new Error(missing);
  const { folder } = place;
  mkdirSync(join(folder, 'data'), { recursive: true });
  const certificates = options.secure ? await createCertificates(join(folder, 'certificates')) : undefined;
  const secure = certificates && { certificates, port: (await freePorts(1))[0] ?? 0 };
  const proxy = options.proxied ? await startProxy(place.ports.client) : undefined;
  const server = new KafkaServer(place, options, proxy, secure);
  try {
    await server.format();
    await server.restart();
    // One of several may have to wait for the others before.
    if (place.member === undefined) await untilGroupsAreServed(place.ports.direct);
    return server;
  } catch (error) {
    await server.kill();
    await proxy?.close();
    throw error;
  }
}

export class KafkaServer implements OwnKafka {
  readonly folder: string;
  readonly brokers: string[];
  readonly directBrokers: string[];
  readonly #process: BrokerProcess;
  readonly #configFile: string;
  readonly #proxy: TcpProxy | undefined;
  readonly #secure: SecureKafka | undefined;
  readonly #clusterId: string;

  constructor(
    { folder, ports, outlivesParent, member }: KafkaPlace,
    options: KafkaOptions,
    proxy: TcpProxy | undefined,
    secure: { readonly certificates: Certificates; readonly port: number } | undefined,
  ) {
    const { client, direct, controller } = ports;
    const advertised = proxy?.port ?? client;
    const allPorts = { ...ports, advertised, ...(secure && { secure: secure.port }) };
    this.folder = folder;
    this.brokers = [`127.0.0.1:${advertised}`];
    this.directBrokers = [`127.0.0.1:${direct}`];
    this.#proxy = proxy;
    this.#clusterId = member?.clusterId ?? newClusterId();
    this.#secure = secure && {
      brokers: [`127.0.0.1:${secure.port}`],
      certificates: secure.certificates,
      ...kafkaUser,
    };
    this.#configFile = join(folder, 'server.properties');
    const properties = {
      ...kafkaProperties({ dataFolder: join(folder, 'data'), ports: allPorts, member }),
      ...(secure && secureProperties(secure.certificates)),
      ...(options.partitions && { 'num.partitions': String(options.partitions) }),
      ...(options.maxMessageBytes && { 'message.max.bytes': String(options.maxMessageBytes) }),
      ...options.properties,
    };
    writeFileSync(this.#configFile, propertiesFile(properties));
    const java = ['java', ...HEAP, ...(options.javaOptions ?? QUICK_START), ...LOGGING, ...CLASS_PATH] as const;
    this.#process = new BrokerProcess({
      name: 'Kafka',
      command: [...java, 'kafka.Kafka', this.#configFile],
      folder,
      ports: [client, direct, controller],
      started: 'Kafka Server started',
      outlivesParent,
    });
  }

  /** Gives the node its identity and the users that must be there before the first start. */
  async format(): Promise<void> {
    const args = [
      ...[...QUICK_START, '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', ...CLASS_PATH, 'kafka.tools.StorageTool'],
      ...['format', '-t', this.#clusterId, '-c', this.#configFile],
      ...(this.#secure === undefined ? [] : scramUsers()),
    ];
    await runProgram('java', args, { timeoutMs: FORMAT_TIMEOUT_MS });
  }

  get proxy(): TcpProxy {
    return this.#proxy ?? notAskedFor('proxied');
  }

  get secure(): SecureKafka {
    return this.#secure ?? notAskedFor('secure');
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

  freeze(): void {
    this.#process.freeze();
  }

  thaw(): void {
    this.#process.thaw();
  }

  async stop(): Promise<void> {
    await this.#proxy?.close();
    await this.#process.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

function notAskedFor(option: string): never {
  throw new Error(`this Kafka was not started with { ${option}: true }`);
}
