import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { Deliveries, text, unique } from '@millrace/binder-test-suite';
import { type OwnRabbitmq, startRabbitmq } from '@millrace/brokers';
import type { RabbitmqOptionsInput } from '../src/rabbitmq-options';
import { Rig } from './rig';

const PASSWORD = 'decaf-0815-wrong';
const EVERYTHING = { depth: 8, maxArrayLength: null, maxStringLength: null };

let rabbitmq: OwnRabbitmq;
const rigs: Rig[] = [];

beforeAll(async () => {
  rabbitmq = await startRabbitmq();
}, 120_000);
afterEach(async () => {
  await Promise.all(rigs.splice(0).map((rig) => rig.close()));
});
afterAll(() => rabbitmq?.stop());

function newRig(options: RabbitmqOptionsInput): Rig {
  const rig = new Rig(options);
  rigs.push(rig);
  return rig;
}

async function carries(rig: Rig): Promise<void> {
  const orders = unique('orders');
  const inbox = new Deliveries();
  await rig.consumer(orders, { deliver: inbox.deliver });
  await (await rig.producer(orders)).send(text('secret drink'));
  await inbox.until(1);
}

/** How both kinds of binding fail. Each soon, for good, and without a word of what must stay secret. */
async function failures(rig: Rig, ...secrets: string[]): Promise<string[]> {
  const startedAt = Date.now();
  const results = await Promise.allSettled([rig.producer(unique('orders')), rig.consumer(unique('orders'))]);
  expect(Date.now() - startedAt).toBeLessThan(8_000);
  const reasons = results.map((result) => (result as PromiseRejectedResult).reason as Error);
  for (const reason of reasons) {
    expect(reason).toMatchObject({ code: 'BINDER_FAILED', retryable: false });
    expectNoSecret(`${reason.stack} ${JSON.stringify(reason)} ${(reason.cause as Error | undefined)?.stack}`, secrets);
  }
  expectNoSecret(inspect([rig.lines, rig.troubles.map(String)], EVERYTHING), secrets);
  // As loggers write them, which know nothing of circles.
  expect(JSON.stringify([rig.lines, rig.troubles, reasons, reasons.map(({ cause }) => cause)])).not.toMatch(/"cert"/);
  return reasons.map(({ message }) => message);
}

function expectNoSecret(words: string, secrets: readonly string[]): void {
  for (const secret of secrets) {
    expect(words).not.toContain(secret);
    expect(words).not.toContain(Buffer.from(secret).toString('base64'));
  }
}

function secure(changes: RabbitmqOptionsInput = {}): Rig {
  return newRig({ url: rabbitmq.secureUrl, ssl: { ca: rabbitmq.certificates.authorityFile }, ...changes });
}

describe('TLS', () => {
  it('carries messages where the authority is trusted, named as a file or as text', async () => {
    await carries(secure());
    await carries(secure({ ssl: { ca: [rabbitmq.certificates.authority] } }));
  });

  it('makes amqps of an amqp address where ssl is given', async () => {
    const url = rabbitmq.secureUrl.replace('amqps:', 'amqp:');
    await carries(secure({ url }));
  });

  it('an untrusted certificate fails soon and clearly', async () => {
    for (const message of await failures(newRig({ url: rabbitmq.secureUrl })))
      expect(message).toMatch(/TLS: .*certificate.*'ssl\.ca'/s);
  });

  it('a certificate of another name is refused, unless that name is asked for', async () => {
    const ssl = { ca: rabbitmq.certificates.authorityFile };
    const [message] = await failures(secure({ ssl: { ...ssl, servername: 'elsewhere.example' } }));
    expect(message).toMatch(/TLS: .*altnames/);
    await carries(
      secure({ url: rabbitmq.secureUrl.replace('localhost', '127.0.0.1'), ssl: { ...ssl, servername: 'localhost' } }),
    );
  });

  it('a certificate that cannot be read is named, its content is not', () => {
    expect(() => newRig({ ssl: { key: 'MIIEvQIBADANBgkqhkiG9w0B' } })).toThrow(
      /^ssl\.key is neither PEM text nor a file/,
    );
  });
});

describe('client certificates', () => {
  const own = () => {
    const { authorityFile: ca, client } = rabbitmq.certificates;
    return { ca, cert: client.certificateFile, key: client.keyFile };
  };

  it('say who the client is, without a password', async () => {
    const rig = secure({ ssl: own(), mechanism: 'external' });
    await carries(rig);
    expect(await rabbitmq.ctl('list_connections', 'user', 'auth_mechanism')).toMatch(/^millrace-client\s+EXTERNAL$/m);
  });

  it('are taken as text too', async () => {
    const { ca, cert, key } = own();
    const ssl = { ca, cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
    await carries(secure({ ssl, mechanism: 'external' }));
  });

  it('are missed clearly where the broker wants one', async () => {
    await using strict = await startRabbitmq({ clientCertificate: 'required' });
    const { authorityFile: ca, client } = strict.certificates;
    const cert = { cert: client.certificateFile, key: client.keyFile };
    await carries(newRig({ url: strict.secureUrl, ssl: { ca, ...cert }, mechanism: 'external' }));
    const rig = newRig({ url: strict.secureUrl, ssl: { ca }, startTimeout: '1s' });
    await expect(rig.producer('orders')).rejects.toThrow(
      /TLS: the broker .* misses one: check 'ssl\.cert' and 'ssl\.key'/,
    );
    await rig.close();
  }, 120_000);

  it('of nobody the broker knows is refused', async () => {
    await rabbitmq.deleteUser('millrace-client');
    const [message] = await failures(secure({ ssl: own(), mechanism: 'external' }));
    expect(message).toMatch(/refuses the log-in/);
    await rabbitmq.management('PUT', '/api/users/millrace-client', { password_hash: '', tags: '' });
    const everything = { configure: '.*', write: '.*', read: '.*' };
    await rabbitmq.management('PUT', '/api/permissions/%2F/millrace-client', everything);
  });
});

it.each(['?heartbeat=5', '#orders'])('a url with %s is refused: nothing in it is left out in silence', (part) => {
  const url = `amqp://guest:${PASSWORD}@127.0.0.1:5672/shop${part}`;
  expect(() => newRig({ url })).toThrow(/'url' has a part behind '\?' or '#'/);
  expect(() => newRig({ url })).not.toThrow(PASSWORD);
});

describe('I2 what the broker refuses', () => {
  it.each([
    ['in its own option', () => ({ username: 'guest', password: PASSWORD })],
    ['in the url', () => ({ url: `amqp://guest:${PASSWORD}@${rabbitmq.address}` })],
    ['from a function', () => ({ credentials: async () => ({ username: 'guest', password: PASSWORD }) })],
  ])('a wrong password %s fails soon and clearly, and is never shown', async (_, options) => {
    for (const message of await failures(newRig({ url: rabbitmq.url, ...options() }), PASSWORD))
      expect(message).toMatch(/the broker refuses the log-in: check 'url', 'username' and 'password'/);
  });

  it('a virtual host that is not there, or not for this user', async () => {
    const vhost = unique('shop');
    for (const message of await failures(newRig({ url: rabbitmq.url, vhost }), 'guest:guest'))
      expect(message).toMatch(
        new RegExp(`refuses the virtual host \\(.*${vhost}.*\\): create it, allow it to this user`),
      );
    await rabbitmq.addVhost(vhost);
    await rabbitmq.putUser({ name: 'stranger', password: PASSWORD, permissions: 'none' });
    const options = { url: rabbitmq.url, vhost, username: 'stranger', password: PASSWORD };
    for (const message of await failures(newRig(options), PASSWORD))
      expect(message).toMatch(/refuses the virtual host/);
  });

  it('I16 what this user may not do', async () => {
    const vhost = unique('shop');
    await rabbitmq.addVhost(vhost);
    const login = (name: string) => ({ url: rabbitmq.url, vhost, username: name, password: PASSWORD });
    await rabbitmq.putUser({
      name: 'reader',
      password: PASSWORD,
      vhost,
      permissions: { configure: '^$', write: '^$' },
    });
    for (const message of await failures(newRig(login('reader')), PASSWORD))
      expect(message).toMatch(/lacks a permission: .*refused.*; grant it \(rabbitmqctl set_permissions\)/);
    await newRig({ url: rabbitmq.url, vhost }).producer('orders', { requiredGroups: ['g'] });
    await rabbitmq.putUser({ name: 'writer', password: PASSWORD, vhost, permissions: { configure: '.*', read: '^$' } });
    const writer = newRig(login('writer'));
    await (await writer.producer('orders')).send(text('mine to write'));
    await expect(writer.consumer('orders', { group: 'g' })).rejects.toThrow(/lacks a permission: .*exchange 'orders'/);
    const reader = newRig({ ...login('reader'), provision: 'none' });
    const producer = await reader.producer('orders');
    const refused = await producer.send(text('not mine')).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'SEND_FAILED', retryable: false });
    expect((refused as Error).message).toMatch(/lacks a permission: .*exchange 'orders'/);
  });
});

it('I11 a password that changes is asked for before the next connection', async () => {
  const vhost = unique('shop');
  await rabbitmq.addVhost(vhost);
  let password = 'first';
  const rotate = (next: string): Promise<void> => {
    password = next;
    return rabbitmq.putUser({ name: 'rotating', password, vhost });
  };
  await rotate('first');
  const rig = newRig({ url: rabbitmq.url, vhost, credentials: async () => ({ username: 'rotating', password }) });
  const orders = unique('orders');
  const inbox = new Deliveries();
  await rig.consumer(orders, { deliver: inbox.deliver });
  const producer = await rig.producer(orders);
  await producer.send(text('before'));
  await rotate('second');
  await rabbitmq.closeConnections();
  await producer.send(text('after'));
  await inbox.until(2);
  expect(new Set(inbox.texts)).toEqual(new Set(['before', 'after']));
}, 60_000);

it('nothing secret is in the names of connections or in the logs of what goes well', async () => {
  const vhost = unique('shop');
  await rabbitmq.addVhost(vhost);
  await rabbitmq.putUser({ name: 'quiet', password: PASSWORD, vhost });
  const rig = newRig({ url: `amqp://quiet:${PASSWORD}@${rabbitmq.address}/${vhost}` });
  await carries(rig);
  await rabbitmq.closeConnections();
  await carries(rig);
  const connections = await rabbitmq.ctl('list_connections', 'user', 'name', 'client_properties');
  expect(connections).toMatch(/quiet.*test.*publishing/);
  expectNoSecret(connections + JSON.stringify([rig.lines, rig.troubles.map(String)]), [PASSWORD]);
}, 60_000);
