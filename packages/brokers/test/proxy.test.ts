import { once } from 'node:events';
import { type ProxyDirection, startProxy, type TcpProxy } from '@millrace/brokers';
import { closed, connectTo, destroyClients, read, startEcho } from './echo-server';

let echo: Awaited<ReturnType<typeof startEcho>>;
let proxy: TcpProxy;

beforeEach(async () => {
  echo = await startEcho();
  proxy = await startProxy(echo.port);
});

afterEach(async () => {
  destroyClients();
  await proxy.close();
  await echo[Symbol.asyncDispose]();
});

test('passes bytes both ways and counts connections', async () => {
  const one = await connectTo(proxy.port);
  const two = await connectTo(proxy.port);
  one.write('one');
  two.write('two');
  expect(await read(one, 3)).toBe('one');
  expect(await read(two, 3)).toBe('two');
  expect(proxy).toMatchObject({ connections: 2, accepted: 2, requestBytes: 6 });
  one.end();
  await once(one, 'close');
  await proxy.close();
  await closed(two);
  expect(proxy).toMatchObject({ connections: 0, accepted: 2 });
});

test('passes far more than its buffers hold, in order', async () => {
  const socket = await connectTo(proxy.port);
  const sent = Buffer.alloc(3 * 1024 * 1024, 'abcdefghijklmnopqrstuvwxyz');
  socket.end(sent);
  expect(await read(socket, sent.length)).toBe(sent.toString());
});

test('cut resets connections and refuses new ones; restore takes them on the same port', async () => {
  const socket = await connectTo(proxy.port);
  socket.write('before');
  await read(socket, 6);
  const broken = closed(socket);
  await proxy.cut();
  expect(await broken).toBe(true);
  await expect(connectTo(proxy.port)).rejects.toThrow('ECONNREFUSED');
  await proxy.restore();
  const next = await connectTo(proxy.port);
  next.write('after');
  expect(await read(next, 5)).toBe('after');
});

test('drop resets connections and takes new ones at once', async () => {
  const socket = await connectTo(proxy.port);
  socket.write('x');
  await read(socket, 1);
  const broken = closed(socket);
  proxy.drop();
  expect(await broken).toBe(true);
  const next = await connectTo(proxy.port);
  next.write('y');
  expect(await read(next, 1)).toBe('y');
});

test.each<ProxyDirection>(['both', 'requests', 'answers'])(
  'stall %s: open, accepting and silent',
  async (direction) => {
    const marker = await connectTo(proxy.port);
    proxy.stall(direction);
    const stalled = await connectTo(proxy.port);
    stalled.write('later');
    let heard = '';
    stalled.on('data', (bytes) => {
      heard += bytes.toString();
    });
    // A round trip past the proxy: what could have come through by now has done so.
    const direct = await connectTo(echo.port);
    direct.write('now');
    await read(direct, 3);
    expect(heard).toBe('');
    expect(marker.destroyed).toBe(false);
    proxy.resume();
    while (heard.length < 5) await once(stalled, 'data');
    expect(heard).toBe('later');
    direct.destroy();
  },
);

test('delay holds every byte back both ways, without slowing the flow', async () => {
  const socket = await connectTo(proxy.port);
  proxy.delay(60);
  const started = performance.now();
  for (let count = 0; count < 50; count++) socket.write('0123456789');
  await read(socket, 500);
  const elapsed = performance.now() - started;
  expect(elapsed).toBeGreaterThanOrEqual(118);
  expect(elapsed).toBeLessThan(1_500);
});

test('throttle makes a stream as slow as asked', async () => {
  const socket = await connectTo(proxy.port);
  proxy.throttle(100_000);
  const started = performance.now();
  socket.write(Buffer.alloc(20_000));
  await read(socket, 20_000);
  expect(performance.now() - started).toBeGreaterThanOrEqual(150);
  proxy.throttle(undefined);
  socket.write(Buffer.alloc(500_000));
  await read(socket, 500_000);
});

test('a target that is not there looks like a connection that breaks', async () => {
  await using nowhere = await startProxy(1);
  const socket = await connectTo(nowhere.port);
  await closed(socket);
  expect(nowhere.accepted).toBe(1);
});
