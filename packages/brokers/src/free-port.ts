import { createServer } from 'node:net';

/**
 * Below the ports that systems hand out for outgoing connections: a broker that is down for a moment finds its own
 * port again when it comes back.
 */
const LOWEST = 20_000;
const HIGHEST = 31_999;
const ATTEMPTS = 200;

const given = new Set<number>();

/** Different ports on which nobody listens. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let attempt = 0; ports.length < count; attempt++) {
    if (attempt === ATTEMPTS) throw new Error(`no free port between ${LOWEST} and ${HIGHEST}`);
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    ports.push(port);
  }
  return ports;
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
