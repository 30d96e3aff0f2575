import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Deliveries, text, unique, until } from '@millrace/binder-test-suite';
import { type OwnKafka, startKafka } from '@millrace/brokers';
import type { KafkaOptionsInput } from '../src/kafka-options';
import { Rig } from './rig';
import { itOnOwnKafka as it } from './with-kafka';

let kafka: OwnKafka;

beforeAll(async () => {
  kafka = await startKafka({ secure: true });
}, 120_000);
afterAll(() => kafka?.stop());

const secure = (changes: KafkaOptionsInput = {}): Rig => {
  const { brokers, username, password, certificates } = kafka.secure;
  return new Rig({
    brokers,
    ssl: { ca: certificates.authorityFile },
    sasl: { mechanism: 'scram-sha-512', username, password },
    retry: { retries: 2 },
    ...changes,
  });
};

async function carries(rig: Rig): Promise<void> {
  const topic = unique('orders');
  const inbox = new Deliveries();
  const producer = await rig.producer(topic);
  await rig.consumer(topic, { deliver: inbox.deliver });
  await producer.send(text('secret drink'));
  await inbox.until(1);
  await rig.close();
}

it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
  'carries messages over TLS with %s',
  async (mechanism) => {
    const { username, password } = kafka.secure;
    await carries(secure({ sasl: { mechanism, username, password } }));
  },
  40_000,
);

it('carries messages with a token from a function', async () => {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const token = async (): Promise<string> => {
    const seconds = Math.floor(Date.now() / 1_000);
    return `${encode({ alg: 'none' })}.${encode({ sub: kafka.secure.username, iat: seconds, exp: seconds + 600 })}.`;
  };
  await carries(secure({ sasl: { mechanism: 'oauthbearer', token } }));
}, 40_000);

it('takes certificates as text too', async () => {
  await carries(secure({ ssl: { ca: readFileSync(kafka.secure.certificates.authorityFile, 'utf8') } }));
}, 40_000);

it.each(['plain', 'scram-sha-256'] as const)(
  'I2 a wrong password (%s) fails soon and clearly, and is never shown',
  async (mechanism) => {
    const password = 'decaf-0815-wrong';
    const rig = secure({ sasl: { mechanism, username: kafka.secure.username, password } });
    const startedAt = Date.now();
    const failures = await Promise.allSettled([rig.producer('orders'), rig.consumer('orders')]);
    expect(Date.now() - startedAt).toBeLessThan(8_000);
    for (const failure of failures) {
      const { reason } = failure as PromiseRejectedResult;
      expect(reason).toMatchObject({ code: 'BINDER_FAILED', retryable: false });
      expect(reason.message).toMatch(/the broker refuses the log-in: check mechanism, username and password/);
      expect(`${reason.stack} ${JSON.stringify(reason)}`).not.toContain(password);
    }
    await rig.close();
    expect(JSON.stringify(rig.lines)).not.toContain(password);
  },
  30_000,
);

it('an untrusted certificate fails soon and clearly', async () => {
  const rig = secure({ ssl: true });
  const startedAt = Date.now();
  await expect(rig.producer('orders')).rejects.toThrow(/TLS: .*certificate.*ssl\.ca/s);
  expect(Date.now() - startedAt).toBeLessThan(8_000);
  await rig.close();
}, 30_000);

it('a certificate that cannot be read is named, its content is not', () => {
  expect(() => secure({ ssl: { key: 'MIIEvQIBADANBgkqhkiG9w0B' } })).toThrow(
    /^ssl\.key is neither PEM text nor a file/,
  );
});

/** Changes what the broker knows of the user, with its own tool. */
async function scram(...change: string[]): Promise<void> {
  const libraries = join(__dirname, '..', '..', '..', '.brokers', 'kafka', 'libs', '*');
  const tool = ['-cp', libraries, 'kafka.admin.ConfigCommand', '--bootstrap-server', kafka.directBrokers[0] ?? ''];
  const user = ['--entity-type', 'users', '--entity-name', kafka.secure.username];
  await promisify(execFile)('java', [...tool, '--alter', ...change, ...user]);
}

it('I18 a user who is removed while all runs: health down with the reason, nobody ends; when it is there again, all resumes', async () => {
  const topic = unique('orders');
  const inbox = new Deliveries();
  const [sending, reading] = [secure(), secure()];
  const producer = await sending.producer(topic, { native: { sendTimeout: '60s' } });
  await reading.consumer(topic, { deliver: inbox.deliver });
  await producer.send(text('before'));
  await inbox.until(1);
  await scram('--delete-config', 'SCRAM-SHA-512');
  await kafka.restart();
  const startedAt = performance.now();
  // Not after sendTimeout: waiting would be in vain.
  await expect(producer.send(text('refused'))).rejects.toMatchObject({
    code: 'SEND_FAILED',
    retryable: false,
    message: expect.stringMatching(/the broker refuses the log-in/),
  });
  expect(performance.now() - startedAt).toBeLessThan(30_000);
  for (const rig of [sending, reading])
    await until(
      () => /the broker refuses the log-in/.test(rig.trouble?.message ?? ''),
      30_000,
      () => `${rig.trouble}`,
    );
  await scram('--add-config', `SCRAM-SHA-512=[password=${kafka.secure.password}]`);
  await producer.send(text('after'));
  await until(() => inbox.texts.includes('after'), 30_000);
  await until(() => [sending, reading].every((rig) => rig.trouble === undefined));
  await sending.close();
  await reading.close();
  const told = JSON.stringify([...sending.lines, ...reading.lines]);
  expect(told).not.toContain(kafka.secure.password);
}, 120_000);
