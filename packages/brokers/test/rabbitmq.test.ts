import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { type OwnRabbitmq, ownBrokerOrSkip, startRabbitmq } from '@millrace/brokers';

const PROTOCOL_HEADER = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1]);

const suite = ownBrokerOrSkip('rabbitmq') === undefined ? describe : describe.skip;

suite('RabbitMQ', () => {
  let rabbitmq: OwnRabbitmq;

  beforeAll(async () => {
    rabbitmq = await startRabbitmq({ settings: { heartbeat: '17' } });
  }, 120_000);

  afterAll(() => rabbitmq.stop());

  test('two at once do not know each other', async () => {
    await using other = await startRabbitmq();
    expect(await answers(other.address)).toBe(true);
    await other.addVhost('elsewhere');
    expect(await vhosts(other)).toContain('elsewhere');
    expect(await vhosts(rabbitmq)).toEqual(['/']);
  }, 120_000);

  test('answers with and without TLS, and knows the client by its certificate', async () => {
    expect(await answers(rabbitmq.address)).toBe(true);
    const { authority, client } = rabbitmq.certificates;
    const socket = connectSecurely({
      host: '127.0.0.1',
      port: Number(new URL(rabbitmq.secureUrl).port),
      ca: authority,
      cert: readFileSync(client.certificateFile),
      key: readFileSync(client.keyFile),
    });
    await once(socket, 'secureConnect');
    socket.write(PROTOCOL_HEADER);
    const [start] = (await once(socket, 'data')) as [Buffer];
    expect(start.toString('latin1')).toContain('EXTERNAL');
    socket.destroy();
  });

  test('vhosts, users and permissions', async () => {
    await rabbitmq.addVhost('shop');
    await rabbitmq.putUser({ name: 'barista', password: 'secret', vhost: 'shop', permissions: { write: '^$' } });
    await rabbitmq.putUser({ name: 'nobody', password: 'secret', permissions: 'none' });
    expect(await rabbitmq.management('GET', '/api/users/barista/permissions')).toEqual([
      { user: 'barista', vhost: 'shop', configure: '.*', write: '^$', read: '.*' },
    ]);
    expect(await rabbitmq.management('GET', '/api/users/nobody/permissions')).toEqual([]);
    await rabbitmq.deleteUser('nobody');
    await expect(rabbitmq.management('GET', '/api/users/nobody')).rejects.toThrow('404');
  });

  test('memory alarm on and off', async () => {
    const alarm = await rabbitmq.memoryAlarm();
    expect(await rabbitmq.ctl('eval', 'rabbit_alarm:get_alarms().')).toContain('memory');
    await alarm[Symbol.asyncDispose]();
    expect(await rabbitmq.ctl('eval', 'rabbit_alarm:get_alarms().')).not.toContain('memory');
  }, 60_000);

  test('killed it is gone; restarted it has its data', async () => {
    await rabbitmq.addVhost('kept');
    await rabbitmq.kill();
    await expect(answers(rabbitmq.address)).rejects.toThrow('ECONNREFUSED');
    await rabbitmq.restart();
    expect(await answers(rabbitmq.address)).toBe(true);
    expect(await vhosts(rabbitmq)).toContain('kept');
  }, 120_000);

  test('stopped it leaves nothing', async () => {
    await rabbitmq.stop();
    expect(existsSync(rabbitmq.folder)).toBe(false);
    await expect(answers(rabbitmq.address)).rejects.toThrow('ECONNREFUSED');
  });
});

async function answers(address: string): Promise<boolean> {
  const { hostname, port } = new URL(`tcp://${address}`);
  const socket = createConnection(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(PROTOCOL_HEADER);
  const [start] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return start.toString('latin1').includes('RabbitMQ');
}

async function vhosts(rabbitmq: OwnRabbitmq): Promise<string[]> {
  return ((await rabbitmq.management('GET', '/api/vhosts')) as { name: string }[]).map(({ name }) => name);
}
