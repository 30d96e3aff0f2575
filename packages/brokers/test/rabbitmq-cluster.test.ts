import { existsSync } from 'node:fs';
import { type OwnRabbitmq, type OwnRabbitmqCluster, ownBrokerOrSkip, startRabbitmqCluster } from '@millrace/brokers';

interface Member {
  readonly name: string;
  readonly running: boolean;
}

const suite = ownBrokerOrSkip('rabbitmq') === undefined ? describe : describe.skip;

suite('a cluster of RabbitMQ nodes', () => {
  let cluster: OwnRabbitmqCluster;

  beforeAll(async () => {
    cluster = await startRabbitmqCluster({ size: 2 });
  }, 300_000);

  afterAll(() => cluster?.stop());

  test('all know each other; one is killed and comes back; stopped they leave nothing', async () => {
    const [first, second] = cluster.nodes as [OwnRabbitmq, OwnRabbitmq];
    expect(cluster.urls).toEqual([first.url, second.url]);
    expect(await running(second)).toBe(2);
    await first.addVhost('shop');
    expect(await second.management('GET', '/api/vhosts/shop')).toMatchObject({ name: 'shop' });
    await second.kill();
    expect(await first.management('GET', '/api/vhosts/shop')).toMatchObject({ name: 'shop' });
    await expect(second.management('GET', '/api/vhosts')).rejects.toThrow();
    await second.restart();
    expect(await running(first)).toBe(2);
    await cluster.stop();
    for (const { folder } of cluster.nodes) expect(existsSync(folder)).toBe(false);
  }, 180_000);
});

async function running(node: OwnRabbitmq): Promise<number> {
  const members = (await node.management('GET', '/api/nodes')) as Member[];
  return members.filter((each) => each.running).length;
}
