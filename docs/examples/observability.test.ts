import { MemoryBroker, memoryBinder } from '@millrace/binder-memory';
import { type Application, Millrace } from '@millrace/core';
import { testApplication } from '@millrace/testing';
import { Auditor, Barista, Order, order } from './decorators';
import { count, healthServer, isAlive, Lines, tenant } from './observability';

let server: ReturnType<typeof healthServer> | undefined;
afterEach(() => server?.close());

test('events become metrics', async () => {
  const shop = await testApplication({ config: { app: 'shop' }, components: [Barista] });
  const seen: string[] = [];
  count(shop.app, {
    increment: (name) => seen.push(name),
    observe: (name) => seen.push(name),
  });
  await shop.emit(Order, order('Mia'));
  await shop.emit(Order, order('Mia', 'decaf'));
  await shop.settled();
  expect(seen).toEqual(['sent', 'handled', 'retries', 'retries', 'dead_letters', 'handled']);
  await shop.stop();
});

test('health over HTTP', async () => {
  const shop = await testApplication({ config: { app: 'shop' }, components: [Barista] });
  server = healthServer(shop.app).listen(0);
  const { port } = server.address() as { port: number };
  const ask = async (): Promise<{ status: number; body: object }> => {
    const response = await fetch(`http://localhost:${port}`);
    return { status: response.status, body: (await response.json()) as object };
  };
  expect(await ask()).toMatchObject({
    status: 200,
    body: {
      status: 'up',
      bindings: [
        { name: 'coffee-ready', status: 'up', state: 'running', open: 0, reasons: [] },
        { name: 'orders/baristas', status: 'up', state: 'running', lag: 0, stalled: false },
      ],
      binders: [{ name: 'memory', connected: true }],
    },
  });
  expect(isAlive(shop.app)).toBe(true);
  await shop.stop();
  expect((await ask()).status).toBe(503);
});

test('a logger of your own, one line per event of the life cycle', async () => {
  const logger = new Lines();
  // #region use-logger
  const app = await Millrace.create({ components: [Barista], config: { app: 'shop' }, logger });
  // #endregion
  await app.start();
  await app.stop();
  expect(logger.lines).toContain('info application running {"app":"shop","bindings":2}');
  expect(logger.lines).toContain('info binding running {"binding":"orders/baristas","direction":"consumer"}');
});

test('middleware', async () => {
  const broker = new MemoryBroker();
  const binders = [memoryBinder(broker)];
  // #region use-middleware
  const app = await Millrace.create({
    components: [Auditor],
    config: { app: 'shop', logging: { level: 'silent' } },
    middleware: [tenant(() => 'hall')],
    binders,
  });
  // #endregion
  await app.start();
  const first = handled(app);
  await app.send(Order, order('Mia'));
  await first;
  expect(broker.records('orders')[0]?.headers.tenant).toBe('hall');
  const refused = new Promise<void>((resolve) => {
    app.events.on('retry', ({ error }) => error instanceof TypeError && resolve());
  });
  await broker.publish('orders', { payload: Buffer.from(JSON.stringify(order('Theo'))), headers: {} });
  await refused;
  await app.stop({ deadlineMs: 0 });
  await broker.close();
});

function handled(app: Application): Promise<void> {
  return new Promise<void>((resolve) => {
    app.events.on('delivery', () => resolve());
  });
}
