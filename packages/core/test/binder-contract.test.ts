import { MemoryBroker, memoryBinder } from '@millrace/binder-memory';
import type { Binder, BinderModule, ConsumerBinding } from '@millrace/core/spi';
import { eventually } from './eventually';
import { Order } from './messages';
import { useWorld } from './world';

const world = useWorld({ partitions: 1 });

/** A binder with one of its parts replaced. */
function changed(change: (binder: Binder) => Partial<Binder>): { broker: MemoryBroker; module: BinderModule } {
  const broker = new MemoryBroker({ partitions: 1 });
  const real = memoryBinder(broker);
  const create: BinderModule['create'] = async (context) => {
    const binder = await real.create(context);
    const whole: Binder = {
      capabilities: binder.capabilities,
      bindProducer: (request) => binder.bindProducer(request),
      bindConsumer: (request) => binder.bindConsumer(request),
      close: () => binder.close(),
    };
    return { ...whole, ...change(binder) };
  };
  return { broker, module: { ...real, create } };
}

test('a binder that claims dead letters and offers none loses no record: it is kept, and health names the breach', async () => {
  const { module, broker } = changed((binder) => ({
    bindConsumer: async (request): Promise<ConsumerBinding> => {
      const binding = await binder.bindConsumer(request);
      return { close: () => binding.close() };
    },
  }));
  const fails = (): never => {
    throw new Error('no such drink');
  };
  const app = await world().sink(Order, {}, fails, { binders: [module] });
  await app.send(Order, new Order('1'));
  await eventually(() => expect(app.binding('orders/shop')?.trouble).toMatchObject({ code: 'BINDER_CONTRACT_BROKEN' }));
  expect(broker.lag('orders', 'shop')).toBe(1);
});

test('a binder that cannot close does not keep the application from stopping', async () => {
  const errors: string[] = [];
  const logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (_facts: object, line: string) => void errors.push(line),
  };
  const { module } = changed(() => ({ close: () => Promise.reject(new Error('socket hang up')) }));
  const app = await world().start({ binders: [module], logger });
  await app.send(Order, new Order('1'));
  await app.stop();
  expect(app.state).toBe('stopped');
  expect(errors).toEqual(['the binder failed to close']);
});

test('each binder is opened once, by the first binding that needs it, and closed once', async () => {
  const calls: string[] = [];
  const broker = new MemoryBroker();
  const module: BinderModule = {
    ...memoryBinder(broker),
    create: async (context) => {
      calls.push(`open ${context.name} for ${context.app}`);
      const binder = await memoryBinder(broker).create(context);
      const close = async (): Promise<void> => {
        calls.push(`close ${context.name}`);
        await binder.close();
      };
      return {
        ...binder,
        capabilities: binder.capabilities,
        bindProducer: (request) => binder.bindProducer(request),
        bindConsumer: (request) => binder.bindConsumer(request),
        close,
      };
    },
  };
  const config = {
    app: 'shop',
    defaultBinder: 'used',
    binders: { used: { type: 'memory' }, unused: { type: 'memory' } },
  };
  const app = await world().create({ binders: [module], config });
  await app.sink(Order, { group: 'one' }, () => undefined);
  await app.sink(Order, { group: 'two' }, () => undefined);
  expect(calls).toEqual([]);
  await app.start();
  await app.send(Order, new Order('1'));
  await app.stop();
  expect(calls).toEqual(['open used for shop', 'close used']);
});
