import { type ApplicationOptions, Sink } from '@millrace/core';
import { loadPiscina } from '../../src/runtime/workers/thread-pool';
import { Order } from '../messages';
import { useWorld } from '../world';
import { Bar, Cashier, trace } from './parts';
import { inWorkers, typescript } from './worker-world';

jest.setTimeout(60_000);

const world = useWorld();

async function faultOf(options: ApplicationOptions): Promise<string> {
  const app = await world().create(options);
  return app.start().then(
    () => 'none',
    ({ message }: Error) => message,
  );
}

const fault = (options: ApplicationOptions): Promise<string> => faultOf(options).catch(({ message }: Error) => message);
const withOrders = (consumer: object): ApplicationOptions =>
  inWorkers({ components: [Bar], config: { app: 'shop', bindings: { orders: { consumer } } } });
const loading = (file: string): ApplicationOptions =>
  inWorkers({
    components: [Bar],
    config: { app: 'shop', bindings: { orders: { consumer: { workers: 1 } } } },
    workers: { module: require.resolve(file), ...typescript },
  });

class KnownByNumber {
  @Sink(Order, { idempotent: true, workers: 1, messageId: ({ id }) => id })
  take(_order: Order): void {}
}

describe('told before a thread is started', () => {
  test.each([0, -1, 1.5, 'many'])('a number of threads that is none: %p', async (workers) => {
    expect(await fault(withOrders({ workers }))).toContain('bindings.orders.consumer.workers');
  });

  test('no word of what a thread loads', async () => {
    const text = await fault({ components: [Bar] });
    expect(text).toContain('Bar.serve: it has workers, but nobody has said which module a worker thread loads');
  });

  test.each([
    ['./parts.js', 'no absolute path'],
    ['https://example.com/parts.js', "no file's URL"],
    ['/nowhere/parts.js', 'there is no such file'],
  ])('a module that is none: %s', async (module, problem) => {
    const text = await fault(inWorkers({ components: [Bar], workers: { module } }));
    expect(text).toContain(problem);
    expect(text).toContain('Bar.serve: workers.module is');
  });

  test.each([
    [{ workers: 2, concurrency: 3 }, 'concurrency is 3'],
    [{ workers: 2, outputs: 'immediate' }, 'handed over when its handler has succeeded'],
  ])('options that contradict it: %j', async (consumer, problem) => {
    expect(await fault(withOrders(consumer))).toContain(problem);
  });

  test('a batch sink', async () => {
    class Batches {
      @Sink(Order, { batch: true, workers: 2 })
      take(_orders: Order[]): void {}
    }
    expect(await fault(inWorkers({ components: [Batches] }))).toContain('a batch sink takes many messages as one');
  });

  test('a messageId, which reads the payload', async () => {
    const text = await fault(inWorkers({ components: [KnownByNumber] }));
    expect(text).toContain('KnownByNumber.take: its messageId reads the payload');
  });

  test('a pool that is not installed', () => {
    const missing = (): never => {
      throw Object.assign(new Error("Cannot find module 'piscina'"), { code: 'MODULE_NOT_FOUND' });
    };
    expect(() => loadPiscina(missing)).toThrow('the package piscina, which is not installed: npm install piscina@5');
  });
});

describe('told by the threads, before the first message', () => {
  test.each([
    ['./fixtures/nothing.cjs', 'has no default export with components'],
    ['./fixtures/broken.cjs', /a worker thread could not load .*broken.cjs: the disk is full/],
    ['./fixtures/failing.cjs', 'failed: no connection'],
    ['./fixtures/ending.cjs', "a worker thread of 'orders/shop' ended while it was set up"],
    [
      './fixtures/others.cjs',
      /its class is not among the components of the module, which are: Barkeeper.*given trace, the module exports none/s,
    ],
    ['./fixtures/twins.cjs', '2 components of the module have the name of its class'],
    ['./fixtures/older.cjs', "the module's Bar has no such sink of channel 'orders'"],
    ['./fixtures/unbound.cjs', 'Bar cannot be created'],
  ])('%s: %s', async (file, problem) => {
    expect(await fault(loading(file))).toMatch(problem);
  });

  test('middleware and codecs that only the application has', async () => {
    const codec = { contentTypes: ['application/x-own'], encode: () => new Uint8Array(), decode: () => ({}) };
    const text = await fault(
      inWorkers({ components: [Cashier], middleware: [trace, { name: 'meter' }], codecs: [codec] }),
    );
    expect(text).toContain('middleware: Millrace.create was given trace, meter, the module exports trace');
    expect(text).toContain('codecs: Millrace.create was given application/x-own, the module exports none');
  });
});
