import { Deliveries, KeyedSenders, unique, until } from '@millrace/binder-test-suite';
import { type OwnRabbitmqCluster, ownBrokerOrSkip, startRabbitmqCluster } from '@millrace/brokers';
import type { ProducerBinding } from '@millrace/core/spi';
import { Rig } from './rig';

const suite = ownBrokerOrSkip('rabbitmq') === undefined ? describe : describe.skip;

suite('I9 nodes of a cluster go and come back', () => {
  let cluster: OwnRabbitmqCluster;
  let rig: Rig;
  const cleanUps: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    cluster = await startRabbitmqCluster({ size: 3 });
  }, 300_000);
  afterAll(() => cluster?.stop());
  beforeEach(() => {
    rig = new Rig({ url: cluster.urls });
  });
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
    await rig.close();
  });

  const node = (index: number) => cluster.nodes[index] as OwnRabbitmqCluster['nodes'][number];

  function newTraffic(producer: ProducerBinding): KeyedSenders {
    const traffic = new KeyedSenders(producer, { timeoutMs: 60_000 });
    cleanUps.push(() => traffic.end());
    return traffic;
  }

  /** Until all nodes have their copy of the queue at hand. */
  async function untilComplete(queue: string): Promise<void> {
    await until(async () => {
      const asked = await node(0)
        .management('GET', `/api/queues/%2F/${queue}`)
        .catch(() => ({}));
      return (asked as { online?: string[] }).online?.length === cluster.nodes.length;
    }, 60_000);
  }

  it('a quorum queue goes on whichever node is killed: sends go on, nothing confirmed is lost', async () => {
    const orders = unique('orders');
    const native = { queueType: 'quorum', initialGroupSize: 3, deadLetterQueue: { queueType: 'quorum' } };
    const inbox = new Deliveries();
    for (let member = 0; member < 2; member += 1)
      await rig.consumer(orders, { group: 'g', native, deliver: inbox.deliver });
    const producer = await rig.producer(orders);
    const traffic = newTraffic(producer);
    await traffic.flows();
    for (const index of [0, 1, 2]) {
      await untilComplete(`${orders}.g`);
      await node(index).kill();
      await traffic.flows(300);
      await node(index).restart();
      await traffic.flows();
    }
    await traffic.end();
    const repetitions = await traffic.arrived(() => inbox.texts);
    expectRetryable(traffic, `delivered again ${repetitions}`);
  }, 300_000);

  it('a classic queue is away with its node: nothing is confirmed for it meanwhile, nothing confirmed is lost', async () => {
    const orders = unique('orders');
    const inbox = new Deliveries();
    // Its home is the node it is declared at.
    await using homely = new Rig({ url: node(1).url });
    await (await homely.producer(orders, { requiredGroups: ['g'] })).close();
    // #region bare-binder
    await rig.consumer(orders, { group: 'g', deliver: inbox.deliver });
    const traffic = newTraffic(await rig.producer(orders));
    await traffic.flows();
    await node(1).kill();
    await until(() => rig.trouble !== undefined);
    await node(1).restart();
    await until(() => rig.trouble === undefined, 60_000);
    await traffic.flows();
    await traffic.end();
    await traffic.arrived(() => inbox.texts);
    // #endregion bare-binder
    expectRetryable(traffic, 'a classic queue');
  }, 180_000);
});

/** Says what was seen, too: how many are refused is the broker's affair. */
function expectRetryable({ confirmed, rejections }: KeyedSenders, what: string): void {
  const reasons = new Set(rejections.map((each) => (each as Error).message.replace(/\w+-[0-9a-f]{10}/g, 'orders')));
  process.stdout.write(
    `confirmed ${confirmed.length}, rejected ${rejections.length}, ${what}: ${[...reasons].join(' | ')}\n`,
  );
  for (const rejection of rejections) expect(rejection).toMatchObject({ code: 'SEND_FAILED', retryable: true });
}
