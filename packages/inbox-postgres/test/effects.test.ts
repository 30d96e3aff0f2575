import { MemoryBroker, memoryBinder } from '@millrace/binder-memory';
import { type OwnPostgres, ownBrokerOrSkip, startPostgres, startProxy, type TcpProxy } from '@millrace/brokers';
import { type Application, channel, headerNames, Millrace, type SinkOptions } from '@millrace/core';
import type { Pool } from 'pg';
import { eventually } from '../../core/test/eventually';
import { Gate } from '../../core/test/gate';
import { PostgresInbox } from '../src/index';
import { Ledger } from './ledger';

const suite = ownBrokerOrSkip('postgres') === undefined ? describe : describe.skip;

const Payments = channel('payments', 'text');
const Receipts = channel('receipts', 'text');
const retry = { maxAttempts: 20, backOff: { initial: 5, multiplier: 1, jitter: 0 } };

/** One instance of an application, with a broker of its own: what it gets, another one may get too. */
class Instance {
  readonly broker = new MemoryBroker({ partitions: 4 });
  readonly outcomes: string[] = [];
  readonly retries: string[] = [];
  calls = 0;
  #app: Application | undefined;

  constructor(readonly inbox: PostgresInbox) {}

  async start(
    handle: (payment: string, instance: Instance) => unknown,
    options: SinkOptions<string> & { readonly receive?: 'payload'; readonly batch?: undefined } = {},
  ): Promise<this> {
    const app = await Millrace.create({
      config: { app: 'bank' },
      binders: [memoryBinder(this.broker)],
      inbox: this.inbox,
      logger: false,
    });
    this.#app = app;
    await app.sink(Payments, { idempotent: true, retry, concurrency: 4, ...options }, (payment) => {
      this.calls += 1;
      return handle(payment, this);
    });
    app.events.on('delivery', ({ outcome }) => this.outcomes.push(outcome));
    app.events.on('retry', ({ error }) => this.retries.push(String(error)));
    await app.start();
    return this;
  }

  get app(): Application {
    return this.#app as Application;
  }

  deliver(payment: string, id = payment): Promise<void> {
    const headers = { [headerNames.id]: id, [headerNames.contentType]: 'text/plain' };
    return this.broker.publish('payments', { payload: Buffer.from(payment), headers });
  }

  settled(): Promise<void> {
    return eventually(() => expect(this.broker.lag('payments', 'bank')).toBe(0), 15_000);
  }

  receipts(): string[] {
    return this.broker.records('receipts').map(({ payload }) => Buffer.from(payload ?? []).toString());
  }

  async stop(): Promise<void> {
    await this.#app?.stop({ deadlineMs: 100 });
    await this.broker.close();
  }
}

suite('effects in PostgreSQL', () => {
  let postgres: OwnPostgres;
  let proxy: TcpProxy;
  let ledger: Ledger;
  let instances: Instance[];

  beforeAll(async () => {
    postgres = await startPostgres();
    proxy = await startProxy(postgres.address);
  }, 120_000);
  afterAll(async () => {
    await proxy.close();
    await postgres.stop();
  });
  beforeEach(async () => {
    ledger = await Ledger.create(postgres.url);
    instances = [];
  });
  afterEach(async () => {
    proxy.restore();
    proxy.resume();
    await Promise.all(instances.map((instance) => instance.stop()));
    await ledger.drop();
  });

  function instance(pool: Pool = ledger.newPool()): Instance {
    const made = new Instance(new PostgresInbox({ pool, schema: ledger.schema }));
    instances.push(made);
    return made;
  }

  /** Its connections go through the proxy. */
  const remote = (): Instance =>
    instance(ledger.newPool({ connectionString: `postgres://postgres@${proxy.address}/postgres` }));
  const post = (payment: string, { inbox }: Instance): Promise<unknown> =>
    inbox.transaction.query(ledger.insert, [payment, 'bank']);
  const upTo = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index}`.padStart(4, '0'));

  test('two instances that get every message, each of them twice, make one posting of each', async () => {
    const payments = upTo(200);
    const both = await Promise.all([instance().start(post), instance().start(post)]);
    await Promise.all(
      both.flatMap((each) => payments.flatMap((payment) => [each.deliver(payment), each.deliver(payment)])),
    );
    await Promise.all(both.map((each) => each.settled()));
    expect(await ledger.postings()).toEqual(payments);
    const outcomes = both.flatMap((each) => each.outcomes);
    expect(outcomes.filter((outcome) => outcome === 'ack')).toHaveLength(200);
    expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(600);
    expect(both.flatMap((each) => each.retries)).toEqual([]);
  }, 60_000);

  test('two instances that fail now and then, at different moments, make one posting of each', async () => {
    const payments = upTo(60);
    let count = 0;
    const flaky = async (payment: string, each: Instance): Promise<void> => {
      count += 1;
      if (count % 5 === 1) throw new Error('before the posting');
      await post(payment, each);
      if (count % 7 === 1) throw new Error('after the posting');
    };
    const both = await Promise.all([instance().start(flaky), instance().start(flaky)]);
    await Promise.all(both.flatMap((each) => payments.map((payment) => each.deliver(payment))));
    await Promise.all(both.map((each) => each.settled()));
    expect(await ledger.postings()).toEqual(payments);
    expect(both.some(({ retries }) => retries.length > 0)).toBe(true);
  }, 60_000);

  test('a connection that is lost while the handler works: the attempt fails, the next one makes the posting', async () => {
    const begun = new Gate();
    const lost = new Gate();
    const each = await remote().start(async (payment, own) => {
      await post(payment, own);
      if (own.calls > 1) return;
      begun.open();
      await lost.passed;
    });
    await each.deliver('a');
    await begun.passed;
    await proxy.drop();
    lost.open();
    await each.settled();
    expect(await ledger.postings()).toEqual(['a']);
    expect(each.retries).toEqual([expect.stringContaining("the inbox of 'payments/bank' failed")]);
  });

  test('a connection that is lost with the answer to the commit: the message comes again, and is a duplicate', async () => {
    const begun = new Gate();
    const stalled = new Gate();
    const each = await remote().start(async (payment, own) => {
      await post(payment, own);
      begun.open();
      await stalled.passed;
    });
    await each.deliver('a');
    await begun.passed;
    proxy.stall('answers');
    stalled.open();
    await eventually(async () => expect(await ledger.postings()).toEqual(['a']));
    await proxy.drop();
    proxy.resume();
    await each.settled();
    expect(each).toMatchObject({ calls: 1, outcomes: ['duplicate'] });
    expect(each.retries).toEqual([expect.stringContaining("the inbox of 'payments/bank' failed")]);
    expect(await ledger.postings()).toEqual(['a']);
  });

  test('a server that ends the connections, and one that is killed and comes back', async () => {
    const each = await instance().start(
      async (payment, own) => {
        await post(payment, own);
        if (own.calls === 2) {
          await ledger.pool.query(
            'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = $1',
            ['client backend'],
          );
        }
        if (own.calls === 5) {
          await postgres.kill();
          await postgres.restart();
        }
      },
      { concurrency: 1, retry: { ...retry, maxAttempts: 200 } },
    );
    const payments = upTo(10);
    for (const payment of payments) await each.deliver(payment);
    await each.settled();
    expect(await ledger.postings()).toEqual(payments);
    expect(each.retries.length).toBeGreaterThan(0);
    expect(each.broker.deadLetters('payments', 'bank')).toEqual([]);
  }, 120_000);

  test('a handler that runs past its timeout posts nothing, nor does what it does later', async () => {
    const late = new Gate();
    let refusal: unknown;
    const each = await instance().start(
      async (payment, own) => {
        await post(payment, own);
        if (own.calls > 1) return;
        await eventually(() => expect(own.calls).toBe(2));
        refusal = await post(`${payment} late`, own).catch((error: unknown) => error);
        late.open();
      },
      { timeout: 150, concurrency: 1 },
    );
    await each.deliver('a');
    await late.passed;
    await each.settled();
    expect(await ledger.postings()).toEqual(['a']);
    expect(refusal).toBeInstanceOf(Error);
    expect(each.retries).toEqual([expect.stringContaining('ran longer than its timeout')]);
  });

  test('outputs are kept with the mark, and forgotten when the broker has them', async () => {
    const each = await instance().start(async (payment, own) => {
      await post(payment, own);
      await own.app.send(Receipts, `receipt of ${payment}`, { headers: { at: new Date(0), bytes: Uint8Array.of(1) } });
      expect(own.receipts()).toEqual([]);
    });
    for (let time = 0; time < 2; time += 1) {
      await each.deliver('a');
      await each.settled();
    }
    expect(each.receipts()).toEqual(['receipt of a']);
    expect(await ledger.marks()).toEqual([{ consumer: 'payments/bank', message_id: 'a', outputs: null }]);
  });

  test('a drain deadline gives the message back without a posting', async () => {
    const begun = new Gate();
    const each = await instance().start(async (payment, own) => {
      await post(payment, own);
      begun.open();
      await new Promise(() => undefined);
    });
    await each.deliver('a');
    await begun.passed;
    await each.app.stop({ deadlineMs: 10 });
    expect([await ledger.postings(), await ledger.marks()]).toEqual([[], []]);
    expect(each.broker.lag('payments', 'bank')).toBe(1);
  });
});
