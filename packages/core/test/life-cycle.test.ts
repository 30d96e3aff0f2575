import { type Application, type ApplicationState, Sink, Source } from '@millrace/core';
import { Container, injectable } from 'inversify';
import { eventually, turns } from './eventually';
import { Gate } from './gate';
import { Order, Receipt } from './messages';
import { swift, useWorld } from './world';

const world = useWorld({ partitions: 1 });

@injectable()
class Barista {
  static readonly brewed: string[] = [];

  constructor(@Source(Receipt) private readonly receipts: Source<Receipt>) {}

  @Sink(Order)
  async brew(order: Order): Promise<void> {
    await this.receipts.send(new Receipt(order.id));
    Barista.brewed.push(order.id);
  }
}

beforeEach(() => {
  Barista.brewed.length = 0;
});

function statesOf(app: Application): ApplicationState[] {
  const states: ApplicationState[] = [];
  app.events.on('application', ({ state }) => states.push(state));
  return states;
}

test('an application starts, stops and starts again, and messages flow each time', async () => {
  const app = await world().create({ components: [Barista] });
  const states = statesOf(app);
  for (const id of ['1', '2', '3']) {
    await app.start();
    await app.send(Order, new Order(id));
    await eventually(() => expect(Barista.brewed).toContain(id));
    await app.stop();
  }
  expect(Barista.brewed).toEqual(['1', '2', '3']);
  expect(world().broker.records('receipts')).toHaveLength(3);
  expect(states).toEqual([
    'starting',
    'running',
    'stopping',
    'stopped',
    'starting',
    'running',
    'stopping',
    'stopped',
    'starting',
    'running',
    'stopping',
    'stopped',
  ]);
});

test('what is sent while nobody runs is handled after the next start', async () => {
  const app = await world().start({ components: [Barista] });
  await app.stop();
  await world().publish('orders', '{"id":"meanwhile"}');
  await app.start();
  await eventually(() => expect(Barista.brewed).toEqual(['meanwhile']));
});

test('a second start while running changes nothing', async () => {
  const app = await world().start({ components: [Barista] });
  await Promise.all([app.start(), app.start()]);
  await app.send(Order, new Order('1'));
  await eventually(() => expect(Barista.brewed).toEqual(['1']));
});

test('ten stops at once all resolve, and everything is closed once', async () => {
  const app = await world().start({ components: [Barista] });
  await Promise.all(Array.from({ length: 10 }, () => app.stop()));
  expect(app.state).toBe('stopped');
  expect(world().binder.journal.filter((line) => line.startsWith('closed'))).toEqual([
    'closed consumer orders/shop',
    'closed producer receipts',
    'closed binder',
  ]);
});

test('stop before the start is harmless, and the start still works', async () => {
  const app = await world().create({ components: [Barista] });
  await app.stop();
  await app.start();
  await app.send(Order, new Order('1'));
  await eventually(() => expect(Barista.brewed).toEqual(['1']));
});

test('stop during the start waits for it and then stops everything', async () => {
  const gate = new Gate();
  world().binder.interference.create = () => gate.passed;
  const app = await world().create({ components: [Barista] });
  const starting = app.start();
  const stopping = app.stop();
  await turns();
  expect(app.state).toBe('starting');
  gate.open();
  await Promise.all([starting, stopping]);
  expect(app.state).toBe('stopped');
  expect(app.bindings().map(({ state }) => state)).toEqual(['stopped', 'stopped']);
  expect(world().binder.journal.at(-1)).toBe('closed binder');
});

test('a start that fails closes what it opened, tells which binding, and can be tried again', async () => {
  world().binder.interference.bindConsumer = () => Promise.reject(new Error('access denied'));
  const app = await world().create({ components: [Barista] });
  await expect(app.start()).rejects.toMatchObject({
    code: 'BINDER_FAILED',
    message: "binding 'orders/shop' to orders failed: access denied",
    cause: expect.objectContaining({ message: 'access denied' }),
  });
  expect(app.state).toBe('stopped');
  expect(world().binder.journal).toEqual(['closed producer receipts', 'closed binder']);

  world().binder.interference = {};
  await app.start();
  await app.send(Order, new Order('1'));
  await eventually(() => expect(Barista.brewed).toEqual(['1']));
});

test('a component that cannot be created fails the start by its name', async () => {
  class Unknown {}
  @injectable()
  class NeedsTheUnknown {
    constructor(readonly unknown: Unknown) {}
    @Sink(Order) take(_order: Order): void {}
  }
  const app = await world().create({ components: [NeedsTheUnknown] });
  await expect(app.start()).rejects.toMatchObject({
    code: 'WIRING_INVALID',
    message: expect.stringMatching(/^NeedsTheUnknown cannot be created: /),
  });
  expect(app.state).toBe('stopped');
});

test("the user's own container injects the user's services, and is left as it was", async () => {
  @injectable()
  class Ledger {
    readonly lines: string[] = [];
  }
  @injectable()
  class Clerk {
    constructor(private readonly ledger: Ledger) {}
    @Sink(Order) note(order: Order): void {
      this.ledger.lines.push(order.id);
    }
  }
  const container = new Container();
  container.bind(Ledger).toSelf().inSingletonScope();
  const app = await world().start({ components: [Clerk], container });
  await app.send(Order, new Order('1'));
  await eventually(() => expect(container.get(Ledger).lines).toEqual(['1']));
  expect(app.get(Ledger)).toBe(container.get(Ledger));
  await app.stop();
  expect(container.isBound(Clerk)).toBe(false);
  expect(container.isBound(Ledger)).toBe(true);
});

test('a sink is added and removed while the application runs', async () => {
  const app = await world().start();
  const handled: string[] = [];
  const handle = await app.sink(Order, { group: 'audit', ...swift }, (order) => void handled.push(order.id));
  expect(handle).toMatchObject({ name: 'orders/audit', state: 'running', group: 'audit', direction: 'consumer' });
  await app.send(Order, new Order('1'));
  await eventually(() => expect(handled).toEqual(['1']));
  await expect(app.sink(Order, { group: 'audit' }, () => undefined)).rejects.toMatchObject({ code: 'WIRING_INVALID' });
  await handle.stop();
  await app.send(Order, new Order('2'));
  await turns();
  expect(handled).toEqual(['1']);
  await app.sink(Order, { group: 'audit' }, (order) => void handled.push(`new ${order.id}`));
  await eventually(() => expect(handled).toEqual(['1', 'new 2']));
});

test('a paused binding takes nothing until it is resumed', async () => {
  const app = await world().start({ components: [Barista] });
  const binding = app.binding('orders/shop');
  await binding?.pause();
  expect(binding?.state).toBe('paused');
  await app.send(Order, new Order('1'));
  await turns(50);
  expect(Barista.brewed).toEqual([]);
  await binding?.resume();
  await eventually(() => expect(Barista.brewed).toEqual(['1']));
  expect(binding?.state).toBe('running');
});

test('a binding that starts paused is bound, and takes nothing until it is resumed', async () => {
  const handled: string[] = [];
  const app = await world().sink(Order, { startPaused: true }, (order) => void handled.push(order.id));
  await app.send(Order, new Order('1'));
  await turns(50);
  expect(app.binding('orders/shop')?.state).toBe('paused');
  expect(handled).toEqual([]);
  await app.binding('orders/shop')?.resume();
  await eventually(() => expect(handled).toEqual(['1']));
});

test('an application that only sends makes no consumers', async () => {
  const app = await world().start();
  await app.send(Order, new Order('1'));
  expect(app.bindings().map(({ name, direction }) => `${direction} ${name}`)).toEqual(['producer orders']);
});
