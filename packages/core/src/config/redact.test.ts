import { describeConfig } from './describe-config';
import { loadConfig } from './load-config';
import { redact, redactText } from './redact';

test.each([
  ['amqp://user:pass@host:5672/vhost', 'amqp://***@host:5672/vhost'],
  ['connect to amqps://user:p@ss@host failed', 'connect to amqps://***@host failed'],
  ['https://host/path?token=abc&x=1', 'https://host/path?token=***&x=1'],
  ['username="u" password="p w";', 'username="u" password=***;'],
  ['-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----', '***'],
  ['orders at host:9092', 'orders at host:9092'],
  ['mail a@b.example', 'mail a@b.example'],
])('in text, %j becomes %j', (text, expected) => {
  expect(redactText(text)).toBe(expected);
});

test('values under names of secrets are masked at any depth, whatever they are; others stay', () => {
  const value = {
    url: 'amqp://u:p@h',
    sasl: { mechanism: 'plain', password: 'x' },
    tls: { ca: 'ca.pem', privateKey: Buffer.from('x'), passphrase: 'x' },
    list: [{ apiKey: 1, clientSecret: 'x', authToken: 'x' }],
    producer: { key: 'customerId' },
    nothing: { password: undefined },
    check: () => 'x',
    bytes: Buffer.from('x'),
  };
  expect(redact(value)).toEqual({
    url: 'amqp://***@h',
    sasl: '***',
    tls: { ca: 'ca.pem', privateKey: '***', passphrase: '***' },
    list: [{ apiKey: '***', clientSecret: '***', authToken: '***' }],
    producer: { key: 'customerId' },
    nothing: { password: undefined },
    check: '[function]',
    bytes: '[Buffer]',
  });
});

test('circles end', () => {
  const value: Record<string, unknown> = { a: 1 };
  value.self = value;
  expect(redact(value)).toEqual({ a: 1, self: '[circular]' });
});

test('Q5 the described configuration is what is in force, without secrets', async () => {
  const given = { app: 'shop', binders: { main: { type: 'memory', url: 'x://u:hidden@h', password: 'hidden' } } };
  const { config } = await loadConfig(given, { environment: { MILLRACE__DRAIN_TIMEOUT: '5s' } });
  const description = describeConfig(config, []);
  expect(description).toEqual({
    app: 'shop',
    drainTimeout: 5_000,
    logging: { level: 'info' },
    binders: { main: { type: 'memory', startup: 'fail', url: 'x://***@h', password: '***' } },
    bindings: {},
  });
});
