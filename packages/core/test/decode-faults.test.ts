import type { MemoryRecord } from '@millrace/binder-memory';
import { headerNames, type MessageHeaders } from '@millrace/core';
import { eventually } from './eventually';
import { Order } from './messages';
import { useWorld, type World } from './world';

const MEBIBYTE = 1024 * 1024;
const world = useWorld({ partitions: 1, maxRecordBytes: 16 * MEBIBYTE });

const valid = '{"id":"good","quantity":1}';

async function onlyDeadLetter({ broker }: World): Promise<MemoryRecord> {
  return eventually(() => {
    const letters = broker.deadLetters('orders', 'shop');
    expect(letters).toHaveLength(1);
    return letters[0] as MemoryRecord;
  });
}

interface Case {
  readonly what: string;
  readonly body: string | Uint8Array;
  readonly code?: string;
  readonly reason: RegExp;
  readonly headers?: MessageHeaders;
}

const undecodable = 'PAYLOAD_UNDECODABLE';
const invalid = 'PAYLOAD_INVALID';

const cases: Case[] = [
  {
    what: 'text that is not JSON',
    body: 'once upon a time',
    code: undecodable,
    reason: /channel 'orders' expects JSON of Order, but the body is not JSON/,
  },
  { what: 'JSON cut off in the middle', body: '{"id":"1","qua', code: undecodable, reason: /the body is not JSON/ },
  { what: 'an empty body', body: '', code: undecodable, reason: /the body is empty/ },
  {
    what: 'invalid UTF-8',
    body: Uint8Array.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]),
    code: undecodable,
    reason: /not valid UTF-8/,
  },
  {
    what: 'an overlong UTF-8 form',
    body: Uint8Array.from([0x22, 0xc0, 0xaf, 0x22]),
    code: undecodable,
    reason: /not valid UTF-8/,
  },
  {
    what: 'a list',
    body: '[{"id":"1","quantity":1}]',
    code: invalid,
    reason: /expects an object of Order, but the JSON is a list/,
  },
  { what: 'null', body: 'null', code: invalid, reason: /but the JSON is null/ },
  { what: 'a number', body: '42', code: invalid, reason: /but the JSON is a number/ },
  { what: 'a text value', body: '"order"', code: invalid, reason: /but the JSON is a string/ },
  {
    what: 'an object with a missing field',
    body: '{"quantity":1}',
    code: invalid,
    reason: /Order on channel 'orders' was refused: id must be a string/,
  },
  {
    what: 'a field of the wrong type',
    body: '{"id":"1","quantity":"two"}',
    code: invalid,
    reason: /quantity must be an integer number/,
  },
  {
    what: 'a __proto__ key',
    body: '{"id":"1","quantity":1,"__proto__":{"polluted":true}}',
    code: undecodable,
    reason: /'__proto__' key, which is never accepted/,
  },
  {
    what: 'a __proto__ key spelled with escaped underscores',
    body: '{"id":"1","quantity":1,"\\u005f\\u005fproto\\u005f\\u005f":{"polluted":true}}',
    code: undecodable,
    reason: /'__proto__' key/,
  },
  {
    what: 'a __proto__ key spelled with upper-case escapes',
    body: '{"id":"1","quantity":1,"\\u005F_proto__":{"polluted":true}}',
    code: undecodable,
    reason: /'__proto__' key/,
  },
  {
    what: 'a __proto__ key with an escape elsewhere in it',
    body: '{"id":"1","quantity":1,"__pr\\u006fto__":{"polluted":true}}',
    code: undecodable,
    reason: /'__proto__' key/,
  },
  {
    what: 'a nested __proto__ key',
    body: '{"id":"1","quantity":1,"extra":[{"__proto__":{"polluted":true}}]}',
    code: undecodable,
    reason: /'__proto__' key/,
  },
  {
    what: 'a body of ten megabytes',
    body: `{"id":"${'x'.repeat(10 * MEBIBYTE)}","quantity":1}`,
    code: 'PAYLOAD_TOO_LARGE',
    reason: /more than maxBytes 8388608 of 'orders\/shop'/,
  },
  {
    what: 'a content type nobody can read',
    body: valid,
    code: 'CONTENT_TYPE_UNKNOWN',
    reason: /no codec for content type 'image\/png'/,
    headers: { contentType: 'image/png' },
  },
];

test.each(cases)(
  '$what goes to the dead letter byte for byte, unseen by the handler, and the next message is handled',
  async (each) => {
    const seen: string[] = [];
    await world().sink(Order, {}, (order) => void seen.push(order.id));
    await world().publish('orders', each.body, { key: 'k', headers: { 'x-mine': 'kept', ...each.headers } });
    await world().publish('orders', valid);

    await eventually(() => expect(seen).toEqual(['good']));
    const letter = await onlyDeadLetter(world());
    const sent = typeof each.body === 'string' ? Buffer.from(each.body) : Buffer.from(each.body);
    expect(Buffer.compare(Buffer.from(letter.payload ?? []), sent)).toBe(0);
    expect(letter.key).toBe('k');
    expect(letter.headers).toMatchObject({
      'x-mine': 'kept',
      'x-original-topic': 'orders',
      'x-original-partition': 0,
      'x-exception-message': expect.stringMatching(each.reason),
      'x-exception-fqcn': 'MillraceError',
      'x-exception-stacktrace': expect.stringContaining('MillraceError'),
      millrace_deadLetterKind: 'invalid',
      millrace_deadLetterCode: each.code,
      millrace_deadLetterAttempts: 0,
      millrace_deadLetterGroup: 'shop',
      millrace_deadLetterBinding: 'orders/shop',
    });
    expect(world().broker.lag('orders', 'shop')).toBe(0);
    expect((Object.prototype as Record<string, unknown>).polluted).toBeUndefined();
  },
);

test('a record without a payload goes to the dead letter', async () => {
  const seen: string[] = [];
  await world().sink(Order, {}, (order) => void seen.push(order.id));
  await world().broker.publish('orders', { payload: null, headers: {} });
  const letter = await onlyDeadLetter(world());
  expect(letter.payload).toBeNull();
  expect(letter.headers).toMatchObject({
    'x-exception-message': expect.stringContaining('a tombstone'),
    millrace_deadLetterKind: 'invalid',
  });
  expect(seen).toEqual([]);
});

test('what cannot be decoded is not retried', async () => {
  const attempts: string[] = [];
  const app = await world().create();
  app.events.on('retry', ({ binding }) => attempts.push(binding));
  await app.sink(Order, {}, () => undefined);
  await app.start();
  await world().publish('orders', 'nonsense');
  await onlyDeadLetter(world());
  expect(attempts).toEqual([]);
});

test('a foreign message without any header of ours is read as JSON', async () => {
  const seen: Order[] = [];
  await world().sink(Order, {}, (order) => void seen.push(order));
  await world().broker.publish('orders', { payload: Buffer.from(valid), headers: {} });
  await eventually(() => expect(seen).toEqual([expect.objectContaining({ id: 'good' })]));
  expect(seen[0]).toBeInstanceOf(Order);
});

test.each([
  'application/json;charset=UTF-8',
  '"application/json"',
  'Application/JSON',
  'application/vnd.shop.order+json',
])('the content type %s is read as JSON', async (contentType) => {
  const seen: string[] = [];
  await world().sink(Order, {}, (order) => void seen.push(order.id));
  await world().publish('orders', valid, { headers: { [headerNames.contentType]: contentType } });
  await eventually(() => expect(seen).toEqual(['good']));
});

test('the content type of the binding counts for messages that name none; one nobody can read is told at the start', async () => {
  const config = { app: 'shop', bindings: { orders: { contentType: 'text/csv' } } };
  const sinking = world().sink(Order, {}, () => undefined, { config });
  await expect(sinking).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringContaining("'text/csv'"),
  });
});

test('maxBytes of the sink decides what is too large', async () => {
  const seen: string[] = [];
  await world().sink(Order, { maxBytes: valid.length }, (order) => void seen.push(order.id));
  await world().publish('orders', `${valid} `);
  await world().publish('orders', valid);
  await eventually(() => expect(seen).toEqual(['good']));
  expect((await onlyDeadLetter(world())).headers.millrace_deadLetterCode).toBe('PAYLOAD_TOO_LARGE');
});
