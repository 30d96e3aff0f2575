import { Channel, channel, Message, MillraceError, Sink, Source } from '@millrace/core';
import { injectable } from 'inversify';
import { Order, Plain, Receipt } from './messages';
import { useWorld } from './world';

const world = useWorld();

type Components = readonly (abstract new (...args: never[]) => object)[];

/** The lines of the error that tells the wiring faults. */
async function faultsOf(...components: Components): Promise<string[]> {
  const error = await world()
    .create({ components })
    .then(
      () => undefined,
      (reason: unknown) => reason,
    );
  if (!MillraceError.is(error, 'WIRING_INVALID')) throw new Error(`expected WIRING_INVALID, got ${String(error)}`);
  const [headline, ...lines] = error.message.split('\n');
  expect(headline).toBe(lines.length === 1 ? 'the wiring has 1 fault:' : `the wiring has ${lines.length} faults:`);
  return lines.map((line) => line.replace(/^ {2}- /, ''));
}

/** What is left of a class after `import type`: a type without a value. */
interface ErasedOrder {
  readonly id: string;
}

class SinkOfPlain {
  @Sink(Plain) take(_plain: Plain): void {}
}

class SourceOfPlain {
  constructor(@Source(Plain) readonly plain: Source<Plain>) {}
}

class SinkOfNothing {
  @Sink(undefined as unknown as typeof Order) take(_order: Order): void {}
}

class SourceOfNothing {
  @Source(undefined as unknown as typeof Order) readonly out!: Source<Order>;
}

class ErasedPayload {
  @Sink(Order, { group: 'erased' }) take(_order: ErasedOrder): void {}
}

class ForeignPayload {
  @Sink(Order as unknown as typeof Receipt, { group: 'foreign' }) take(_receipt: Receipt): void {}
}

class FirstBarista {
  @Sink(Order, { group: 'baristas' }) brew(_order: Order): void {}
}

class SecondBarista {
  @Sink(Order, { group: 'baristas' }) brewToo(_order: Order): void {}
}

class StaticSink {
  @Sink(Order, { group: 'member' }) member(_order: Order): void {}
  @Sink(Order, { group: 'static' }) static take(_order: Order): void {}
}

class StaticSource {
  @Source(Order) readonly member!: Source<Order>;
  @Source(Order) static readonly out: Source<Order>;
}

class UncalledSource {
  @Source(Order) make(): Order {
    return new Order('1');
  }
}

test('a sink whose class has no channel names class, method and both remedies', async () => {
  expect(await faultsOf(SinkOfPlain)).toEqual([
    "SinkOfPlain.take: @Sink(Plain): the class Plain has no channel. Decorate it with @Channel('name'), or pass channel('name', Plain).",
  ]);
});

test('a source whose class has no channel names class and constructor parameter', async () => {
  expect(await faultsOf(SourceOfPlain)).toEqual([
    "SourceOfPlain, constructor parameter 1: @Source(Plain): the class Plain has no channel. Decorate it with @Channel('name'), or pass channel('name', Plain).",
  ]);
});

test('a reference that is undefined at run time points at type imports and circles', async () => {
  const remedy = "Import the class without 'import type', and break circular imports between the two files.";
  expect(await faultsOf(SinkOfNothing, SourceOfNothing)).toEqual([
    `SinkOfNothing.take: @Sink: the channel is undefined at run time. ${remedy}`,
    `SourceOfNothing.out: @Source: the channel is undefined at run time. ${remedy}`,
  ]);
});

test('a payload class erased at compile time names class, method, channel and the import to mend', async () => {
  expect(await faultsOf(ErasedPayload)).toEqual([
    "ErasedPayload.take: @Sink(Order) on channel 'orders': its first parameter has no class at run time (it reads Object). Declare it as Order, and import Order without 'import type'.",
  ]);
});

test('a payload parameter of another class names both classes', async () => {
  expect(await faultsOf(ForeignPayload)).toEqual([
    "ForeignPayload.take: @Sink(Order) on channel 'orders': its first parameter is Receipt, but the channel carries Order. Make it Order.",
  ]);
});

test('two sinks of one class in one group name one another, channel and group', async () => {
  const [fault, ...others] = await faultsOf(FirstBarista, SecondBarista);
  expect(others).toEqual([]);
  expect(fault).toMatch(
    /^SecondBarista\.brewToo: it takes Order from channel 'orders' in group 'baristas', and so does FirstBarista\.brew; .*\. Give one of them another group/,
  );
});

test('two broadcast sinks of one class are told apart from groups', async () => {
  class One {
    @Sink(Order, { broadcast: true }) take(_order: Order): void {}
  }
  class Two {
    @Sink(Order, { broadcast: true }) take(_order: Order): void {}
  }
  const [fault] = await faultsOf(One, Two);
  expect(fault).toMatch(/^Two\.take: it takes Order from channel 'orders' in a broadcast, and so does One\.take; /);
});

test('decorators on static members are faults', async () => {
  expect(await faultsOf(StaticSink, StaticSource)).toEqual([
    'StaticSink.take: @Sink stands on a static method. Make it an instance method.',
    'StaticSource.out: @Source stands on a static member. Make it an instance member.',
  ]);
});

test('a source on a method that nothing calls is a fault', async () => {
  const [fault] = await faultsOf(UncalledSource);
  expect(fault).toMatch(
    /^UncalledSource\.make: @Source stands on a method that nothing calls\. Add @Sink to make it a processor/,
  );
});

test('something that is no class among the components is a fault', async () => {
  const [fault] = await faultsOf({ not: 'a class' } as never);
  expect(fault).toBe('components: [object Object] is not a class. List the classes themselves.');
});

test('all faults of all classes come in one error, each once', async () => {
  const faults = await faultsOf(
    SinkOfPlain,
    SourceOfPlain,
    SinkOfNothing,
    SourceOfNothing,
    ErasedPayload,
    ForeignPayload,
    FirstBarista,
    SecondBarista,
    StaticSink,
    StaticSource,
    UncalledSource,
  );
  expect(faults.map((fault) => fault.slice(0, fault.indexOf(': '))).sort()).toEqual([
    'ErasedPayload.take',
    'ForeignPayload.take',
    'SecondBarista.brewToo',
    'SinkOfNothing.take',
    'SinkOfPlain.take',
    'SourceOfNothing.out',
    'SourceOfPlain, constructor parameter 1',
    'StaticSink.take',
    'StaticSource.out',
    'UncalledSource.make',
  ]);
});

test('faults of the wiring and of what it asks of the configuration come in one error', async () => {
  const config = { binders: { one: { type: 'memory' }, two: { type: 'memory' } } };
  const creating = world().create({ components: [SinkOfPlain, FirstBarista], config });
  await expect(creating).rejects.toMatchObject({
    message: expect.stringMatching(
      /SinkOfPlain\.take: .*\n.*the configuration has 1 fault:\n.*bindings\.orders\.binder/s,
    ),
  });
});

describe('these are no faults', () => {
  test('handlers without parameters, with a base class, with the message first', async () => {
    @Channel('specials')
    class SpecialOrder extends Order {}
    @injectable()
    class Fine {
      @Sink(Order, { group: 'none' }) none(): void {}
      @Sink(SpecialOrder, { group: 'base' }) base(_order: Order): void {}
      @Sink(Order, { group: 'message', receive: 'message' }) message(_message: Message<Order>): void {}
      @Sink(channel('orders.copy', Order)) copy(_order: Order): void {}
    }
    const app = await world().create({ components: [Fine] });
    expect(
      app
        .bindings()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['orders.copy/shop', 'orders/message', 'orders/none', 'specials/base']);
  });

  test('a class listed twice is one component', async () => {
    const app = await world().create({ components: [FirstBarista, FirstBarista] });
    expect(app.bindings().map(({ name }) => name)).toEqual(['orders/baristas']);
  });

  test('an inherited sink, an overridden one, and one named by a symbol', async () => {
    const named = Symbol('named');
    class Base {
      @Sink(Order, { group: 'inherited' }) inherited(_order: Order): void {}
      @Sink(Order, { group: 'base' }) overridden(_order: Order): void {}
    }
    @injectable()
    class Derived extends Base {
      @Sink(Order, { group: 'derived' }) override overridden(_order: Order): void {}
      @Sink(Order, { group: 'symbol' }) [named](_order: Order): void {}
    }
    const app = await world().create({ components: [Derived] });
    expect(
      app
        .bindings()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['orders/derived', 'orders/inherited', 'orders/symbol']);
  });
});

class GeneratorSink {
  @Sink(Order, { group: 'generator' }) *take(_order: Order): Generator<Receipt> {
    yield new Receipt('1');
  }
}

test('a generator is refused as a handler: its body would never run', async () => {
  expect(await faultsOf(GeneratorSink)).toEqual([
    'GeneratorSink.take: it is a generator, whose body would never run. Return a list, or send through a Source.',
  ]);
  const app = await world().create({});
  const sinking = app.sink(Order, {}, async function* brew() {
    yield 1;
  });
  await expect(sinking).rejects.toMatchObject({ code: 'WIRING_INVALID', message: expect.stringContaining('brew') });
});
