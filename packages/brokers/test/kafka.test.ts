import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createConnection } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { type OwnKafka, ownBrokerOrSkip, startKafka } from '@millrace/brokers';

/** ApiVersions, version 0: the first request of every client. */
const API_VERSIONS = Buffer.from('0000000e00120000000000070004746573740000', 'hex').subarray(0, 18);

const suite = ownBrokerOrSkip('kafka') === undefined ? describe : describe.skip;

suite('Kafka', () => {
  let kafka: OwnKafka;

  beforeAll(async () => {
    kafka = await startKafka({
      proxied: true,
      secure: true,
      partitions: 3,
      properties: { 'log.retention.ms': '1234567' },
    });
  }, 120_000);

  afterAll(() => kafka.stop());

  test('answers on its own address, on the proxy, and after TLS', async () => {
    expect(await answers(kafka.brokers[0])).toBe(true);
    expect(kafka.proxy.accepted).toBeGreaterThan(0);
    expect(await answers(kafka.directBrokers[0])).toBe(true);
    await kafka.proxy.cut();
    await expect(answers(kafka.brokers[0])).rejects.toThrow('ECONNREFUSED');
    expect(await answers(kafka.directBrokers[0])).toBe(true);
    await kafka.proxy.restore();
  });

  test('the secure listener has a certificate of its own authority, which nobody else trusts', async () => {
    const { brokers, certificates } = kafka.secure;
    const { host, port } = place(brokers[0]);
    const socket = connectSecurely({ host, port, ca: certificates.authority });
    await once(socket, 'secureConnect');
    expect(socket.authorized).toBe(true);
    socket.destroy();
    const stranger = connectSecurely({ host, port });
    await expect(once(stranger, 'secureConnect')).rejects.toThrow(/certificate/);
  });

  test('options become properties', () => {
    expect(kafka.log()).toContain('num.partitions = 3');
    expect(kafka.log()).toContain('log.retention.ms = 1234567');
  });

  test('frozen it is there and silent; killed it is gone; restarted it is the same again', async () => {
    const address = kafka.directBrokers[0];
    kafka.freeze();
    const waiting = await unanswered(address);
    kafka.thaw();
    expect(await waiting()).toBe(true);
    const before = kafka.log();
    await kafka.kill();
    await expect(answers(address)).rejects.toThrow('ECONNREFUSED');
    await kafka.restart();
    expect(await answers(address)).toBe(true);
    expect(clusterId(kafka.log().slice(before.length))).toBe(clusterId(before));
  }, 120_000);

  test('stopped it leaves nothing', async () => {
    const address = kafka.directBrokers[0];
    await kafka.stop();
    expect(existsSync(kafka.folder)).toBe(false);
    await expect(answers(address)).rejects.toThrow('ECONNREFUSED');
    await kafka.stop();
  });
});

async function answers(address = ''): Promise<boolean> {
  const socket = createConnection(place(address));
  await once(socket, 'connect');
  socket.write(API_VERSIONS);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  // The correlation id comes back behind the size.
  return answer.readInt32BE(4) === 7;
}

/** Asks until an answer stays away: on a busy machine a process goes on for a moment before its signal reaches it. */
async function unanswered(address = ''): Promise<() => Promise<boolean>> {
  for (;;) {
    let isAnswered = false;
    const answer = answers(address).finally(() => {
      isAnswered = true;
    });
    // The system goes on accepting for a process that is stopped.
    for (let count = 0; count < 20; count++) await connects(address);
    if (!isAnswered) return () => answer;
  }
}

async function connects(address = ''): Promise<void> {
  const socket = createConnection(place(address));
  await once(socket, 'connect');
  socket.destroy();
}

function place(address = ''): { host: string; port: number } {
  const { hostname, port } = new URL(`tcp://${address}`);
  return { host: hostname, port: Number(port) };
}

function clusterId(log: string): string | undefined {
  return log.match(/cluster\.?id[ =:]+([\w-]{22})/i)?.[1];
}
