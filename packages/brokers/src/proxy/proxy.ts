import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePorts } from '../free-port';
import { OneWay } from './one-way';
import type { ProxyConditions } from './proxy-conditions';

/** `requests`: from the client to the broker. `answers`: from the broker to the client. */
export type ProxyDirection = 'requests' | 'answers' | 'both';

/** A TCP proxy on 127.0.0.1 that tests use as a bad network. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** `127.0.0.1:port` */
  readonly address: string;
  /** Connections open now. */
  readonly connections: number;
  /** Connections accepted so far. */
  readonly accepted: number;
  /** Bytes that clients have sent so far, passed on or not. */
  readonly requestBytes: number;
  /** Resets every connection; new ones are welcome. */
  drop(): void;
  /** Resets every connection and refuses new ones until `restore()`. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  /** Connections stay open, new ones are accepted, and no byte passes until `resume()`: a half-open connection. */
  stall(direction?: ProxyDirection): void;
  resume(): void;
  /** Every byte arrives this much later; 0 ends it. */
  delay(milliseconds: number): void;
  /** Each direction of each connection passes about this many bytes a second; undefined ends it. */
  throttle(bytesPerSecond: number | undefined): void;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly target: Socket;
  readonly ways: readonly OneWay[];
}

/** Starts a proxy for `host:port` or a port of this machine. */
export async function startProxy(target: string | number): Promise<TcpProxy> {
  const [port = 0] = await freePorts(1);
  const proxy = new LoopbackProxy(addressOf(target), port);
  await proxy.restore();
  return proxy;
}

class LoopbackProxy implements TcpProxy {
  accepted = 0;
  requestBytes = 0;
  readonly port: number;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  readonly #requests: ProxyConditions = { stalled: false, delayMs: 0, bytesPerSecond: undefined };
  readonly #answers: ProxyConditions = { stalled: false, delayMs: 0, bytesPerSecond: undefined };

  constructor(target: { readonly host: string; readonly port: number }, port: number) {
    this.#target = target;
    this.port = port;
    // A client that has said all it wants may still wait for the answer.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client));
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get connections(): number {
    return this.#pairs.size;
  }

  drop(): void {
    for (const { client, target } of this.#pairs) {
      reset(client);
      reset(target);
    }
    this.#pairs.clear();
  }

  async cut(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.drop();
    await closed;
  }

  async restore(): Promise<void> {
    if (this.#server.listening) return;
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  stall(direction: ProxyDirection = 'both'): void {
    if (direction !== 'answers') this.#requests.stalled = true;
    if (direction !== 'requests') this.#answers.stalled = true;
  }

  resume(): void {
    this.#change({ stalled: false });
  }

  delay(milliseconds: number): void {
    this.#change({ delayMs: milliseconds });
  }

  throttle(bytesPerSecond: number | undefined): void {
    this.#change({ bytesPerSecond });
  }

  close(): Promise<void> {
    return this.cut();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #change(conditions: Partial<ProxyConditions>): void {
    Object.assign(this.#requests, conditions);
    Object.assign(this.#answers, conditions);
    for (const { ways } of this.#pairs) for (const way of ways) way.pass();
  }

  #accept(client: Socket): void {
    if (!this.#server.listening) {
      reset(client);
      return;
    }
    this.accepted++;
    client.on('data', (bytes) => {
      this.requestBytes += bytes.length;
    });
    const target = connect({ ...this.#target, allowHalfOpen: true, noDelay: true });
    const ways = [new OneWay(client, target, this.#requests), new OneWay(target, client, this.#answers)];
    const pair: Pair = { client, target, ways };
    this.#pairs.add(pair);
    this.#endTogether(pair, client, target);
    this.#endTogether(pair, target, client);
  }

  /** An error on one side is a reset on the other. An end passes like bytes, and is not too early for them. */
  #endTogether(pair: Pair, one: Socket, other: Socket): void {
    one.on('error', () => reset(other));
    one.on('close', () => {
      if (other.destroyed) this.#pairs.delete(pair);
    });
  }
}

/** What has no connection yet has none to reset, and a reset while an end is under way leaves Node's handle open. */
function reset(socket: Socket): void {
  if (socket.connecting || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

function addressOf(target: string | number): { host: string; port: number } {
  if (typeof target === 'number') return { host: '127.0.0.1', port: target };
  const { hostname, port } = new URL(`tcp://${target}`);
  return { host: hostname, port: Number(port) };
}
