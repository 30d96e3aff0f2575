import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

/** What the client asks for when it wants a connection. */
export interface SocketRequest {
  readonly host: string;
  readonly port: number;
  readonly ssl?: ConnectionOptions | undefined;
  readonly onConnect: () => void;
}

const KEEP_ALIVE_DELAY_MS = 15_000;

/**
 * Opens the sockets of one client and remembers them, so that they can be destroyed when a polite end takes too long (trap 12:
 * the client waits for fetches and requests without a limit of its own).
 */
export class KafkaSockets {
  readonly #open = new Set<Socket>();
  #destroyed = false;

  readonly open = ({ host, port, ssl, onConnect }: SocketRequest): Socket => {
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = ssl
      ? connectTls({ host, port, ...name, ...ssl }, onConnect)
      : connectPlain({ host, port }, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
    socket.setNoDelay(true);
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    // The client hears of 'end' and 'error', not of 'close': a destroyed socket needs an error to be noticed.
    if (this.#destroyed) socket.destroy(new Error('the client is closed'));
    return socket;
  };

  /** Ends those that are open; new ones may follow. */
  drop(): void {
    for (const socket of this.#open) socket.destroy(new Error('the connection is made anew'));
  }

  /** For good. */
  destroy(): void {
    this.#destroyed = true;
    for (const socket of this.#open) socket.destroy(new Error('the client is closed'));
    this.#open.clear();
  }
}
