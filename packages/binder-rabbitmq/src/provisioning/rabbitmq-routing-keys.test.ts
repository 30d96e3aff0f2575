import type { OutboundRecord } from '@millrace/core/spi';
import { routingKeys } from './rabbitmq-routing-keys';

const record: OutboundRecord = { payload: null, headers: { region: 'north', size: 3, list: [] }, key: 'customer 7' };

it.each([
  ['{destination}', 'orders'],
  ['fixed', 'fixed'],
  ['', ''],
  ['{key}', 'customer 7'],
  ['{destination}.{headers.region}.{headers.size}', 'orders.north.3'],
  ['{unknown}.{key}', '{unknown}.customer 7'],
  ['$&{destination}', '$&orders'],
])('%s gives %s', (template, key) => {
  expect(routingKeys(template, 'orders')(record)).toBe(key);
  expect(routingKeys(template, 'orders')({ ...record, partition: 2 })).toBe(`${key}-2`);
});

it('takes a destination as it is, whatever is in it', () => {
  expect(routingKeys('{destination}', "a$&'b")(record)).toBe("a$&'b");
});

it('a function of the record gives the key', () => {
  expect(routingKeys(({ headers }: OutboundRecord) => `of.${headers.region}`, 'orders')(record)).toBe('of.north');
});

it.each([
  [
    'a header that is missing',
    '{headers.kind}',
    /'\{headers\.kind\}' wants \{headers\.kind\}, and the message has none/,
  ],
  ['a header that is no text', '{headers.list}', /has none that is text or a number/],
  ['what every object has', '{headers.constructor}', /has none that is text/],
  ['a function that gives none', () => undefined, /the function gave undefined, not text/],
  ['more than AMQP carries', 'x'.repeat(256), /'x+…' has more than 255 bytes/],
])('refuses %s', (_, template: unknown, message) => {
  expect(() => routingKeys(template, 'orders')(record)).toThrow(
    expect.objectContaining({ code: 'SEND_FAILED', retryable: false, message: expect.stringMatching(message) }),
  );
});

it('refuses a template that wants a key where there is none', () => {
  expect(() => routingKeys('{key}', 'orders')({ payload: null, headers: {} })).toThrow(/wants \{key\}/);
});
