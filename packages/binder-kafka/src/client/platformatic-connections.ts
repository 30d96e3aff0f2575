import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientOptions } from './kafkajs-settings';
import type {
  BrokerAddress,
  BrokerConnection,
  PlatformaticLibrary,
  ProduceAnswer,
  RequestWriter,
} from './platformatic-library';
import { loginOver } from './platformatic-login';

type Metadata = PlatformaticLibrary['metadataV12']['api'];
type Answered<Answer> = (error: Error | null, answer?: Answer) => void;

/** A connection, and the forms of requests that its broker and the library both know. */
export interface Line {
  readonly connection: BrokerConnection;
  readonly metadata: Metadata;
  readonly produce: (request: () => RequestWriter, done: Answered<ProduceAnswer>) => void;
  /** By `performance.now()`: a client that is over its quota is not read from until then. */
  quietUntil: number;
}

/** What the broker's metrics call this client, and its version. */
const SOFTWARE = ['millrace', '1'] as const;
const METADATA = 3;
const PRODUCE = 0;
const KEEP_ALIVE_DELAY_MS = 15_000;
/** As many as may come: requests are held back elsewhere, by their leader. */
const MOST_IN_FLIGHT = 1_000;

/**
 * The connections of one client, one for each broker, made when they are first needed. The library's own pool waits for ever for
 * a connection that was closed while it was logging in anew, and throws where nobody listens to a second error.
 */
export class PlatformaticConnections {
  readonly #library: PlatformaticLibrary;
  readonly #options: ClientOptions;
  readonly #lines = new Map<string, Promise<Line>>();
  /** Those that are open or being opened, and what forgets them. */
  readonly #open = new Map<BrokerConnection, () => void>();
  #isClosed = false;

  constructor(library: PlatformaticLibrary, options: ClientOptions) {
    this.#library = library;
    this.#options = options;
  }

  line(address: BrokerAddress): Promise<Line> {
    const name = `${address.host}:${address.port}`;
    const known = this.#lines.get(name);
    if (known !== undefined) return known;
    let isGone = false;
    const line = this.#connect(address, () => {
      isGone = true;
      this.#lines.delete(name);
    });
    if (!isGone) this.#lines.set(name, line);
    return line;
  }

  /** Rejects with the library's error; where that is no answer of the broker, the connection is given up. */
  async ask<Answer extends Throttled>(line: Line, request: (done: Answered<Answer>) => void): Promise<Answer> {
    const { connection } = line;
    try {
      // Between the two halves of a new log-in the broker takes nothing else.
      if (connection.status === 'reauthenticating') await connection.ready();
      const wait = line.quietUntil - performance.now();
      if (wait > 0) await sleep(wait, undefined, { ref: false });
      if (!connection.isConnected()) throw new Error('the connection is closed');
      const answer = await answerTo(request);
      heed(line, answer);
      return answer;
    } catch (error) {
      const answer = answerOf<Throttled>(error);
      if (answer === undefined) this.#end(connection);
      else heed(line, answer);
      throw error;
    }
  }

  /** Ends those that are open; new ones may follow. */
  drop(): void {
    this.#lines.clear();
    for (const connection of [...this.#open.keys()]) this.#end(connection);
  }

  /** For good. */
  destroy(): void {
    this.#isClosed = true;
    this.drop();
  }

  async #connect({ host, port }: BrokerAddress, gone: () => void): Promise<Line> {
    const { clientId, ssl, sasl, connectionTimeout, requestTimeout } = this.#options;
    const connection = new this.#library.Connection(clientId, {
      // Also covers the log-in; see `hurry` for the rest.
      connectTimeout: connectionTimeout + requestTimeout,
      requestTimeout,
      maxInflights: MOST_IN_FLIGHT,
      ...(ssl && { tls: { ...(isIP(host) === 0 && { servername: host }), ...ssl } }),
      ...(sasl !== undefined && { sasl: loginOver(sasl) }),
    });
    const ended = (): void => this.#end(connection);
    connection.on('error', ended);
    connection.on('close', ended);
    this.#open.set(connection, gone);
    let isLate = false;
    const hurry = setTimeout(() => {
      if (connection.status !== 'connecting') return;
      isLate = true;
      this.#end(connection);
    }, connectionTimeout);
    try {
      if (this.#isClosed) throw new Error('the client is closed');
      await connection.connect(host, port);
      connection.socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
      return await this.#agree(connection);
    } catch (error) {
      ended();
      throw isLate ? new Error('Connection timeout') : error;
    } finally {
      clearTimeout(hurry);
    }
  }

  async #agree(connection: BrokerConnection): Promise<Line> {
    const { apiVersionsV3, produceV9, metadataV9, metadataV10, metadataV11, metadataV12 } = this.#library;
    const { apiKeys } = await answerTo<{ apiKeys: readonly Versions[] }>((done) =>
      apiVersionsV3.api(connection, ...SOFTWARE, done as never),
    );
    // From version 10 on a refusal also bears the new leader, which the library cannot skip: what follows is misread.
    const { version } = newest('Produce', PRODUCE, apiKeys, [produceV9]);
    return {
      connection,
      quietUntil: 0,
      metadata: newest('Metadata', METADATA, apiKeys, [metadataV9, metadataV10, metadataV11, metadataV12]) as Metadata,
      produce: (request, done) =>
        connection.send(PRODUCE, version, request, produceV9.parseResponse, true, true, done as never),
    };
  }

  #end(connection: BrokerConnection): void {
    const gone = this.#open.get(connection);
    if (gone === undefined) return;
    this.#open.delete(connection);
    gone();
    // Both: the first tells those who wait and ends its timers, the second does not wait for what is still to be written.
    connection.close(() => undefined);
    connection.socket?.destroy();
  }
}

interface Versions {
  readonly apiKey: number;
  readonly minVersion: number;
  readonly maxVersion: number;
}

function newest<Api extends { readonly version: number }>(
  name: string,
  key: number,
  offered: readonly Versions[],
  known: readonly { readonly api: Api }[],
): Api {
  const { minVersion = 0, maxVersion = -1 } = offered.find(({ apiKey }) => apiKey === key) ?? {};
  const common = known.filter(({ api }) => api.version >= minVersion && api.version <= maxVersion).at(-1);
  if (common !== undefined) return common.api;
  const reason = `the broker takes ${name} requests ${minVersion} to ${maxVersion}, @platformatic/kafka has others`;
  throw Object.assign(new Error(reason), { type: 'UNSUPPORTED_VERSION' });
}

function answerTo<Answer>(request: (done: Answered<Answer>) => void): Promise<Answer> {
  return new Promise((resolve, reject) =>
    request((error, answer) => (error ? reject(error) : resolve(answer as Answer))),
  );
}

interface Throttled {
  readonly throttleTimeMs: number;
}

/** A request that waits for longer than its time would be taken for lost, and repeated. */
function heed(line: Line, { throttleTimeMs }: Throttled): void {
  if (throttleTimeMs > 0) line.quietUntil = performance.now() + throttleTimeMs;
}

/** The broker's answer, where the error says what is wrong with it. */
export function answerOf<Answer>(error: unknown): Answer | undefined {
  return (error as { readonly response?: Answer } | undefined)?.response;
}
