import { MemoryBroker, memoryBinder } from '@millrace/binder-memory';
import {
  type Application,
  Channel,
  Millrace,
  type MillraceConfig,
  MillraceError,
  Reject,
  Sink,
  type SinkOptions,
  Source,
} from '@millrace/core';
import type { BinderModule, OutboundRecord, Settlement } from '@millrace/core/spi';
import { injectable } from 'inversify';
import { eventually } from './eventually';
import { Order, Receipt } from './messages';
import { swift } from './world';

@Channel('buzzes')
class Buzz {
  readonly table = 1;
}

/** What core hands to a binder that claims it, in the order it did. */
interface Seen {
  readonly sent: OutboundRecord[];
  readonly settled: Settlement[];
}

const opened: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.stop();
});

/** A binder in memory that says it can. */
function claiming(seen: Seen): BinderModule {
  const broker = new MemoryBroker();
  const module = memoryBinder(broker);
  opened.push({ stop: () => broker.close() });
  return {
    ...module,
    create: async (context) => {
      const binder = await module.create({ ...context, options: {} });
      return {
        capabilities: { ...binder.capabilities, exactlyOnce: true },
        close: () => binder.close(),
        bindProducer: async (request) => {
          const producer = await binder.bindProducer(request);
          const send = async (record: OutboundRecord): Promise<void> => {
            seen.sent.push(record);
            await producer.send(record);
          };
          return { send, close: () => producer.close() };
        },
        bindConsumer: (request) =>
          binder.bindConsumer({
            ...request,
            deliver: async (record) => {
              const settlement = await request.deliver(record);
              seen.settled.push(settlement);
              return settlement;
            },
          }),
      };
    },
  };
}

async function application(
  component: new (...args: never[]) => object,
  {
    bindings = {},
    binders = [] as BinderModule[],
  }: { bindings?: MillraceConfig['bindings']; binders?: BinderModule[] },
): Promise<Application> {
  const app = await Millrace.create({
    components: [component],
    config: {
      app: 'shop',
      defaultBinder: 'local',
      binders: { local: { type: 'memory' }, other: { type: 'memory' } },
      bindings: { orders: { consumer: { exactlyOnce: true } }, ...bindings },
    },
    binders,
    logger: false,
  });
  opened.unshift(app);
  return app;
}

type Plain = Pick<SinkOptions<Order>, 'broadcast' | 'outputs'>;

const till = (options: Plain) => {
  class Till {
    @Sink(Order, options) bill(_order: Order): void {}
  }
  return Till;
};

describe('refused at the start', () => {
  it.each<[string, Plain, RegExp]>([
    ['a broadcast', { broadcast: true }, /a broadcast consumer keeps no position/],
    ['outputs that go out at once', { outputs: 'immediate' }, /a failed attempt would have sent already/],
  ])('%s', async (_what, options, sentence) => {
    await expect(application(till(options), {})).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringMatching(sentence),
    });
  });

  it('a batch', async () => {
    class Till {
      @Sink(Order, { batch: true }) bill(_orders: Order[]): void {}
    }
    await expect(application(Till, {})).rejects.toThrow(/bindings\.orders\.consumer\.exactlyOnce: a batch sink/);
  });

  it('a processor whose output is on another binder', async () => {
    class Till {
      @Sink(Order)
      @Source(Receipt)
      bill({ id }: Order): Receipt {
        return new Receipt(id);
      }
    }
    await expect(application(Till, { bindings: { receipts: { binder: 'other' } } })).rejects.toThrow(
      /Till\.bill: under exactlyOnce its output 'receipts' is on binder 'other', its input on 'local'/,
    );
  });

  it('a binder that does not claim it', async () => {
    await expect((await application(till({}), {})).start()).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringMatching(/'orders\/shop' asks for exactlyOnce, which binder 'local' does not offer/),
    });
  });
});

it('outputs name the attempt they were sent in, and the acknowledgement names the one that succeeded', async () => {
  const calls = new Set<string>();
  const refusals: unknown[] = [];

  @injectable()
  class Till {
    @Source(Receipt) readonly notes!: Source<Receipt>;
    @Source(Buzz) readonly buzzes!: Source<Buzz>;

    @Sink(Order, swift)
    @Source(Receipt)
    async bill({ id }: Order): Promise<Receipt> {
      await this.notes.send(new Receipt(`note ${id}`));
      await this.buzzes.send(new Buzz()).catch((error: unknown) => refusals.push(error));
      if (id === 'bad') throw new Reject('no');
      if (calls.has(id)) return new Receipt(id);
      calls.add(id);
      throw new Error('not now');
    }
  }

  const seen: Seen = { sent: [], settled: [] };
  const app = await application(Till, { binders: [claiming(seen)], bindings: { buzzes: { binder: 'other' } } });
  await app.start();
  await app.send(Order, new Order('good'));
  await eventually(() => expect(seen.settled).toHaveLength(1));
  const outputs = seen.sent.filter(({ unitOfWork }) => unitOfWork !== undefined);
  const [settlement] = seen.settled;
  expect(outputs).toHaveLength(2);
  expect(settlement?.verdict === 'ack' && settlement.unitOfWork).toBe(outputs[0]?.unitOfWork);
  expect(outputs[1]?.unitOfWork).toBe(outputs[0]?.unitOfWork);
  expect(outputs[0]?.unitOfWork?.binder).toBe('local');
  await app.send(Order, new Order('bad'));
  await eventually(() => expect(seen.settled).toHaveLength(2));
  expect(seen.settled[1]).toEqual({ verdict: 'ack' });
  expect(refusals.every((error) => MillraceError.is(error, 'OUTSIDE_TRANSACTION'))).toBe(true);
  expect(refusals).toHaveLength(3);
});
