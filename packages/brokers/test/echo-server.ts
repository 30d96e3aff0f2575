import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A server that sends back what it gets. */
export async function startEcho(): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { port, [Symbol.asyncDispose]: close };
}

const clients = new Set<Socket>();

export async function connectTo(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  clients.add(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Reads until this many bytes have come. */
export async function read(socket: Socket, size: number): Promise<string> {
  const pieces: Buffer[] = [];
  while (Buffer.concat(pieces).length < size) pieces.push((await once(socket, 'data'))[0] as Buffer);
  return Buffer.concat(pieces).toString();
}

/** Resolves when the connection is over: with true when it broke. */
export function closed(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => socket.once('close', resolve));
}

/** What a test leaves open would keep its process. */
export function destroyClients(): void {
  for (const client of clients) client.destroy();
  clients.clear();
}
