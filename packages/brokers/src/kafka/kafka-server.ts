import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OwnBroker } from '../broker';
import { newInstanceFolder } from '../folders';
import { freePorts, isFree } from '../free-port';
import { OwnedProcess } from '../owned-process';
import { runProgram } from '../run-program';
import { until } from '../until';
import { kafkaProperties, propertiesFile } from './kafka-properties';
import { kafkaLibraries, missingForKafka } from './kafka-toolchain';

const STARTED = 'Kafka Server started';
const START_TIMEOUT_MS = 90_000;
const STOP_TIMEOUT_MS = 10_000;

/** The quick compiler only: half of the time to start, and the processor is left to the tests. */
const QUICK_START = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
const HEAP = ['-Xms256m', '-Xmx768m'];
const LOGGING = ['-Dorg.slf4j.simpleLogger.showDateTime=true', '-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS'];

export interface KafkaOptions {
  /** Partitions of a topic that does not say how many it wants (a creation with -1 partitions). */
  readonly partitions?: number;
  readonly maxMessageBytes?: number;
  /** Any server properties; they win over ours. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Instead of the options for a quick start; for measurements: `[]`. */
  readonly javaOptions?: readonly string[];
}

export interface OwnKafka extends OwnBroker {
  /** `host:port` of the plain listener. */
  readonly brokers: string[];
}

/** Starts a Kafka of its own on free ports of 127.0.0.1 and waits until it answers. */
export async function startKafka(options: KafkaOptions = {}): Promise<OwnKafka> {
  const missing = missingForKafka();
  if (missing !== undefined) throw new Error(missing);
  const folder = newInstanceFolder('kafka');
  const server = new KafkaServer(folder, await freePorts(4), options);
  try {
    await server.format();
    await server.restart();
    return server;
  } catch (error) {
    await server.kill();
    throw error;
  }
}

class KafkaServer implements OwnKafka {
  readonly folder: string;
  readonly brokers: string[];
  readonly #ports: readonly number[];
  readonly #javaOptions: readonly string[];
  readonly #configFile: string;
  readonly #logFile: string;
  #process: OwnedProcess | undefined;

  constructor(folder: string, ports: readonly number[], options: KafkaOptions) {
    const [client = 0, direct = 0, controller = 0, secure = 0] = ports;
    this.folder = folder;
    this.brokers = [`127.0.0.1:${client}`];
    this.#ports = ports;
    this.#javaOptions = options.javaOptions ?? QUICK_START;
    this.#configFile = join(folder, 'server.properties');
    this.#logFile = join(folder, 'server.log');
    const dataFolder = join(folder, 'data');
    mkdirSync(dataFolder);
    const properties = {
      ...kafkaProperties({ dataFolder, ports: { client, advertised: client, direct, controller, secure } }),
      ...(options.partitions === undefined ? {} : { 'num.partitions': String(options.partitions) }),
      ...(options.maxMessageBytes === undefined ? {} : { 'message.max.bytes': String(options.maxMessageBytes) }),
      ...options.properties,
    };
    writeFileSync(this.#configFile, propertiesFile(properties));
  }

  async format(): Promise<void> {
    const clusterId = randomBytes(16).toString('base64url');
    await runProgram('java', [
      ...QUICK_START,
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      ...['-cp', join(kafkaLibraries, '*'), 'kafka.tools.StorageTool'],
      ...['format', '-t', clusterId, '-c', this.#configFile],
    ]);
  }

  log(): string {
    return existsSync(this.#logFile) ? readFileSync(this.#logFile, 'utf8') : '';
  }

  async restart(): Promise<void> {
    await this.#process?.terminate(STOP_TIMEOUT_MS);
    await this.#untilPortsAreFree();
    const loggedBefore = this.log().length;
    const running = await OwnedProcess.start({
      command: ['java', ...HEAP, ...this.#javaOptions, ...LOGGING, ...this.#mainClass()],
      folder: this.folder,
      logFile: this.#logFile,
    });
    this.#process = running;
    await until(
      () => !running.isRunning || this.log().includes(STARTED, loggedBefore),
      START_TIMEOUT_MS,
      () => new Error(`Kafka does not start:\n${this.#endOfLog()}`),
    );
    if (!running.isRunning) throw new Error(`Kafka ended while it started:\n${this.#endOfLog()}`);
  }

  async stop(): Promise<void> {
    await this.#process?.terminate(STOP_TIMEOUT_MS);
    rmSync(this.folder, { recursive: true, force: true });
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  freeze(): void {
    this.#process?.signalGroup('SIGSTOP');
  }

  thaw(): void {
    this.#process?.signalGroup('SIGCONT');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #mainClass(): string[] {
    return ['-cp', join(kafkaLibraries, '*'), 'kafka.Kafka', this.#configFile];
  }

  async #untilPortsAreFree(): Promise<void> {
    const allFree = async () => (await Promise.all(this.#ports.map(isFree))).every(Boolean);
    await until(allFree, STOP_TIMEOUT_MS, () => new Error(`somebody listens on one of ${this.#ports.join(', ')}`));
  }

  #endOfLog(): string {
    return this.log().split('\n').slice(-30).join('\n');
  }
}
