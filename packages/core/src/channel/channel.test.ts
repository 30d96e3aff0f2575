import * as v from 'valibot';
import { z } from 'zod';
import { ChannelToken, channel } from './channel';
import { isStandardSchema } from './standard-schema';

class Order {
  id = '';
}

class Rush extends Order {}

const tokens = {
  class: channel('orders', Order),
  text: channel('lines', 'text'),
  bytes: channel('blobs', 'bytes'),
  schema: channel('prices', z.object({ cents: z.number() })),
};

test('a token knows what it carries', () => {
  expect(
    Object.entries(tokens).map(([kind, token]) => [kind, token.kind, token.payloadName, token.contentType]),
  ).toEqual([
    ['class', 'class', 'Order', 'application/json'],
    ['text', 'text', 'text', 'text/plain'],
    ['bytes', 'bytes', 'bytes', 'application/octet-stream'],
    ['schema', 'schema', 'zod schema', 'application/json'],
  ]);
  expect(Object.values(tokens).map((token) => token.runtimeClass)).toEqual([Order, String, Uint8Array, undefined]);
  expect([tokens.class.payloadClass, tokens.text.payloadClass, tokens.schema.schema !== undefined]).toEqual([
    Order,
    undefined,
    true,
  ]);
  expect(channel('prices', v.string()).payloadName).toBe('valibot schema');
});

test('the content type can be its own', () => {
  expect(channel('orders', Order, { contentType: 'application/yaml' }).contentType).toBe('application/yaml');
});

test('a token says what may be sent', () => {
  const order = new Order();
  const bytes = new Uint8Array(1);
  const values = [
    order,
    new Rush(),
    { id: '' },
    'text',
    new String('text'),
    bytes,
    Buffer.from('x'),
    [1],
    7,
    null,
    undefined,
  ];
  expect(values.filter((value) => tokens.class.accepts(value))).toEqual([order, new Rush()]);
  expect(values.filter((value) => tokens.text.accepts(value))).toEqual(['text']);
  expect(values.filter((value) => tokens.bytes.accepts(value))).toEqual([bytes, Buffer.from('x')]);
  expect(values.filter((value) => tokens.schema.accepts(value))).toHaveLength(values.length);
});

test.each([
  ['undefined', undefined, /undefined at run time: two files import each other, or it is a type/],
  ['a word', 'json', /the payload is json\. Give a class, 'text', 'bytes' or a schema/],
  ['null', null, /is null/],
  ['an object', {}, /is \[object Object\]/],
])('%s is nothing a channel can carry', (_what, payload, message) => {
  expect(() => new ChannelToken('orders', payload as 'text')).toThrow(
    expect.objectContaining({ code: 'CHANNEL_UNKNOWN', message: expect.stringMatching(message) }),
  );
});

test('schemas are known by their interface; some are functions', () => {
  const callable = Object.assign(() => undefined, {
    '~standard': { version: 1, vendor: 'own', validate: (value: unknown) => ({ value }) },
  });
  expect([z.string(), v.string(), callable].map(isStandardSchema)).toEqual([true, true, true]);
  expect([Order, {}, null, 'text', { '~standard': {} }, { '~standard': null }].map(isStandardSchema)).toEqual([
    false,
    false,
    false,
    false,
    false,
    false,
  ]);
});

test('tokens and their options cannot be changed', () => {
  expect(Object.isFrozen(tokens.class) && Object.isFrozen(tokens.class.options)).toBe(true);
});
