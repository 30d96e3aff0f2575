import { channel, type HeaderValue, headerNames, type MessageHeaders } from '@millrace/core';
import { IsString } from 'class-validator';
import * as fc from 'fast-check';
import { z } from 'zod';
import { MAX_JSON_DEPTH } from '../src/codec/json-depth';
import { eventually } from './eventually';
import { Order } from './messages';
import { swift, useWorld } from './world';

const MEBIBYTE = 1024 * 1024;
const world = useWorld({ partitions: 1, maxRecordBytes: 16 * MEBIBYTE });

class Bag {
  @IsString() id!: string;
  [free: string]: unknown;
}

/** Every kind of payload, behind every codec there is. */
const kinds = {
  class: channel('bags', Bag),
  versions: channel('versions', Bag, { version: 3, upcast: { 2: (old: object) => ({ ...old, id: 'lifted' }) } }),
  schema: channel('schemas', z.looseObject({ id: z.string() })),
  text: channel('texts', 'text'),
  bytes: channel('pictures', 'bytes'),
} as const;

const hostileNames = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then', 'toJSON', ''];

const headerValue = fc.letrec<{ value: HeaderValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 3 }),
  ),
})).value;

/** Headers of strangers, with those that mean something to us among them. */
const headers = fc
  .dictionary(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(...Object.values(headerNames), 'kafka_key', 'x-original-topic', 'toString'),
    ),
    headerValue,
    { maxKeys: 8, noNullPrototype: true },
  )
  .map((found) => Object.fromEntries(Object.entries(found).filter(([name]) => name !== '__proto__')));

const contentType = fc.oneof(
  fc.constantFrom('application/json', 'text/plain', 'application/octet-stream', 'application/x.y+json', 'text/csv'),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    `application/json;charset=${'x'.repeat(50_000)}`,
    `a/b${'+'.repeat(50_000)}`,
    `${';'.repeat(50_000)} charset`,
    `application/json;${' '.repeat(50_000)}charset`,
    `application/json; charset=${' '.repeat(50_000)}`,
  ),
);

const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(fc.oneof(fc.constantFrom(...hostileNames), fc.string()), tie('value')), { maxLength: 4 }),
  ),
})).value;

/** JSON of it, in which lists of pairs are objects whose names are what they are. */
function spelled(value: unknown): string {
  if (!Array.isArray(value)) return JSON.stringify(value) ?? 'null';
  const isPairs = value.length > 0 && value.every((item) => Array.isArray(item) && item.length === 2);
  if (!isPairs) return `[${value.map(spelled).join()}]`;
  return `{${value.map(([name, item]) => `${JSON.stringify(String(name))}:${spelled(item)}`).join()}}`;
}

const body = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  json.map((value) => Buffer.from(spelled(value))),
  json.map((value) => Buffer.from(`{"id":"x","free":${spelled(value)}}`)),
  fc.tuple(json, fc.nat(100)).map(([value, cut]) => Buffer.from(spelled(value)).subarray(0, cut)),
  fc.constantFrom(...['[', '{"a":', '"\\u', '[[[[{"'].map((piece) => Buffer.from(piece.repeat(20_000)))),
);

test('whatever strangers send is handled or dead-lettered byte for byte; no throw escapes and no prototype is changed', async () => {
  const app = await world().create();
  const handled: unknown[] = [];
  for (const each of Object.values(kinds)) {
    const token = each as typeof kinds.text;
    await app.sink(token, { ...swift, group: 'readers' }, (payload) => void handled.push(payload));
  }
  await app.start();
  const before = [Object.prototype, Array.prototype, Function.prototype].map((each) =>
    Object.getOwnPropertyNames(each),
  );
  const record = fc.record({
    kind: fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[])),
    body,
    headers,
    contentType: fc.option(contentType, { nil: undefined }),
    key: fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 8 }), async (records) => {
      for (const { kind, body: payload, headers: given, contentType: type, key } of records) {
        const more: MessageHeaders = type === undefined ? given : { ...given, [headerNames.contentType]: type };
        const { name } = kinds[kind];
        const total = world().broker.deadLetters(name, 'readers').length;
        await world().broker.publish(name, { payload, headers: more, ...(key === undefined ? {} : { key }) });
        await eventually(() => expect(world().broker.lag(name, 'readers')).toBe(0));
        const [letter] = world().broker.deadLetters(name, 'readers').slice(total);
        if (letter !== undefined) {
          expect(Buffer.compare(Buffer.from(letter.payload ?? []), Buffer.from(payload))).toBe(0);
          expect(letter.headers.millrace_deadLetterKind).toBe('invalid');
          expect(String(letter.headers['x-exception-message']).length).toBeLessThan(2_000);
        }
      }
    }),
    { numRuns: 150 },
  );
  expect(world().binder.brokenDeliveries).toEqual([]);
  const after = [Object.prototype, Array.prototype, Function.prototype].map((each) => Object.getOwnPropertyNames(each));
  expect(after).toEqual(before);
  expect(handled.length).toBeGreaterThan(0);
}, 60_000);

describe('limits, before anything is parsed', () => {
  const letters = () => world().broker.deadLetters('orders', 'shop');
  async function refused(payload: string | Uint8Array, given: MessageHeaders = {}): Promise<MessageHeaders> {
    const seen: unknown[] = [];
    await world().sink(Order, {}, (order) => void seen.push(order));
    const parse = jest.spyOn(JSON, 'parse');
    await world().publish('orders', payload, { headers: given });
    await eventually(() => expect(letters()).toHaveLength(1));
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
    expect(seen).toEqual([]);
    return letters()[0]?.headers as MessageHeaders;
  }

  test('a body that is nested too deep', async () => {
    const deep = `{"id":"1","free":${'['.repeat(MAX_JSON_DEPTH)}${']'.repeat(MAX_JSON_DEPTH)}}`;
    expect(await refused(deep)).toMatchObject({
      millrace_deadLetterCode: 'PAYLOAD_UNDECODABLE',
      'x-exception-message': expect.stringContaining('nested more than 100 deep'),
    });
  });

  test('eight megabytes of brackets', async () => {
    expect(await refused('['.repeat(8 * MEBIBYTE))).toMatchObject({
      'x-exception-message': expect.stringContaining('nested more than 100 deep'),
    });
  });

  test('a body that is too large', async () => {
    expect(await refused(Buffer.alloc(9 * MEBIBYTE, 0x20))).toMatchObject({
      millrace_deadLetterCode: 'PAYLOAD_TOO_LARGE',
    });
  });

  test('more headers than maxHeaders', async () => {
    const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`h${index}`, 'x']));
    expect(await refused('{"id":"1"}', many)).toMatchObject({
      millrace_deadLetterCode: 'HEADERS_TOO_MANY',
      'x-exception-message': "the record has more than maxHeaders 1000 of 'orders/shop'",
    });
  });

  test('as deep and as many as may be is read', async () => {
    const seen: unknown[] = [];
    await world().sink(Order, { maxHeaders: 4 }, (order) => void seen.push(order));
    const free = `${'['.repeat(MAX_JSON_DEPTH - 1)}${']'.repeat(MAX_JSON_DEPTH - 1)}`;
    await world().publish('orders', `{"id":"1","free":${free}}`, { headers: { a: 1, b: 2, c: 3 } });
    await eventually(() => expect(seen).toHaveLength(1));
  });
});

test('what nobody would read is not sent', async () => {
  const app = await world().start();
  let free: unknown = 'x';
  for (let depth = 0; depth < MAX_JSON_DEPTH; depth += 1) free = [free];
  const order = Object.assign(new Order('1'), { free });
  await expect(app.send(Order, order)).rejects.toMatchObject({
    code: 'ENCODING_FAILED',
    message: expect.stringContaining('nested more than 100 deep'),
  });
  expect(world().broker.records('orders')).toEqual([]);
});

test('bodies stay out of logs, also out of what the parser says of them', async () => {
  const lines: string[] = [];
  const log = (facts: object, text: string): void => void lines.push(JSON.stringify([text, facts]));
  const logger = { debug: log, info: log, warn: log, error: log };
  await world().sink(Order, {}, () => undefined, { logger });
  for (const secret of ['hunter2', '"hunter2', '{"password":"hunter2",}', '{"password":hunter2}', "{'hunter2'}"])
    await world().publish('orders', secret);
  await eventually(() => expect(world().broker.deadLetters('orders', 'shop')).toHaveLength(5));
  expect(lines.filter((line) => line.includes('hunter2'))).toEqual([]);
  expect(lines.filter((line) => line.includes('the body is not JSON'))).toHaveLength(5);
});

test('expressions stay fast on text that was made to slow them down', async () => {
  const seen: string[] = [];
  await world().sink(kinds.text, { ...swift }, (text) => void seen.push(text));
  const pieces = ['+', ';', '; ', ';charset', ';charset=', ' ', '"', '/', '.', 'a', '\t;'];
  const started = performance.now();
  for (const piece of pieces)
    await world().broker.publish('texts', {
      payload: Buffer.from('x'),
      headers: { contentType: `text/plain${piece.repeat(60_000)}!`, millrace_version: piece.repeat(60_000) },
    });
  await eventually(() => expect(world().broker.lag('texts', 'shop')).toBe(0));
  expect(performance.now() - started).toBeLessThan(5_000);
  expect(world().binder.brokenDeliveries).toEqual([]);
});
