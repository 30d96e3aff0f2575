import type { MessageHeaders } from '@millrace/core/spi';
import fc from 'fast-check';
import { springRecords } from '../../test/fixture';
import type { HeaderToSend } from '../kafka-port';
import { encodeHeaders, HeaderReader, TYPES_HEADER, TypeLists } from './kafka-headers';

const asWritten = (headers: Record<string, HeaderToSend>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Buffer.from(value)]));

describe('writing headers', () => {
  it('writes what Spring writes for a plain message, byte for byte', () => {
    const [record] = springRecords('pojo').get('fx.pojo') ?? [];
    expect(asWritten(encodeHeaders({ contentType: 'application/json' }, 'spring'))).toEqual(record?.headers);
  });

  it('writes text, numbers, booleans and lists as Spring does, with the same classes where JavaScript has them', () => {
    const [record] = springRecords('headers').get('fx.headers') ?? [];
    const raw = record?.headers ?? {};
    const own = encodeHeaders(
      {
        'h-string': 'text value',
        'h-string-empty': '',
        'h-string-unicode': 'wörld ✓',
        'h-string-json': '{"a":1}',
        'h-int': 42,
        'h-int-negative': -1,
        'h-double': 3.25,
        'h-boolean': true,
        'h-list-long': [1, 2],
        'h-date': new Date('2026-01-02T03:04:05.678Z'),
        'h-bytes': Buffer.from([1, 2, 255]),
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      },
      'spring',
    );
    const { [TYPES_HEADER]: types, ...values } = own;
    for (const [name, value] of Object.entries(asWritten(values))) expect([name, value]).toEqual([name, raw[name]]);
    const springTypes = JSON.parse(String(raw[TYPES_HEADER])) as Record<string, string>;
    const ownTypes = JSON.parse(String(types)) as Record<string, string>;
    expect(Object.keys(ownTypes)).not.toContain('traceparent');
    expect(Object.keys(ownTypes)).not.toContain('h-bytes');
    for (const name of Object.keys(ownTypes).filter((each) => each !== 'h-list-long'))
      expect([name, ownTypes[name]]).toEqual([name, springTypes[name]]);
  });

  it('plain mode writes text without the list, none writes nothing', () => {
    expect(encodeHeaders({ a: 'x', n: 1 }, 'plain')).toEqual({ a: 'x', n: '1' });
    expect(encodeHeaders({ a: 'x' }, 'none')).toEqual({});
  });
});

describe('reading headers', () => {
  it('reads what Spring wrote, each value in its own kind', () => {
    const [record] = springRecords('headers').get('fx.headers') ?? [];
    expect(new HeaderReader('spring').read(record?.headers)).toMatchObject({
      'h-string': 'text value',
      'h-int': 42,
      'h-double': 3.25,
      'h-boolean': true,
      'h-long': '9007199254740993',
      'h-bigdecimal': 12.34,
      'h-list': ['one', 2, true],
      'h-map': { city: 'Oslo', zip: 150, tags: ['x', 'y'], inner: { deep: true } },
      'h-date': new Date('2026-01-02T03:04:05.678Z'),
      'h-instant': new Date('2026-01-02T03:04:05.678Z'),
      'h-uuid': '550e8400-e29b-41d4-a716-446655440000',
      'h-bytes': Buffer.from([1, 2, 255]),
      'h-mime': 'text/plain',
      contentType: 'application/json',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    });
  });

  it.each([...springRecords('mime').values()].flat().map((record) => [String(record.headers?.contentType), record]))(
    'reads the content type %s without quotes',
    (written, record) => {
      const { contentType } = new HeaderReader('spring').read(record.headers);
      expect(contentType).toBe(String(written).replaceAll('"', ''));
    },
  );

  it('reads foreign headers without a list as text, and what is no text as bytes', () => {
    const noise = Buffer.from([0xff, 0xfe]);
    expect(
      new HeaderReader('spring').read({ table: Buffer.from('seven'), noise, contentType: Buffer.from('"a/b"') }),
    ).toEqual({
      table: 'seven',
      noise,
      contentType: 'a/b',
    });
  });

  it.each(['{', '[]', 'null', '42', '"x"', ''])('takes a broken list of types (%s) as none', (list) => {
    const headers = new HeaderReader('spring').read({ [TYPES_HEADER]: Buffer.from(list), table: Buffer.from('seven') });
    expect(headers).toEqual({ table: 'seven' });
  });

  it('gives what breaks its promise as text: no header makes a record undeliverable', () => {
    const types = Buffer.from('{"n":"java.lang.Integer","o":5}');
    const headers = new HeaderReader('spring').read({
      [TYPES_HEADER]: types,
      n: Buffer.from('not a number'),
      o: Buffer.from('x'),
    });
    expect(headers).toEqual({ n: 'not a number', o: Buffer.from('x') });
  });

  it('reads each record by its own list, whatever the record before it had', () => {
    const reader = new HeaderReader('spring');
    const read = (list: string | undefined, n: string) =>
      reader.read({ ...(list !== undefined && { [TYPES_HEADER]: Buffer.from(list) }), n: Buffer.from(n) }).n;
    const integer = '{"n":"java.lang.Integer"}';
    expect([read(integer, '1'), read(integer, '2'), read('{"n":"java.lang.String"}', '3')]).toEqual([1, 2, '3']);
    expect([read(undefined, '4'), read('{}', '5'), read(integer, '6')]).toEqual(['4', Buffer.from('5'), 6]);
  });

  it('takes the last of several values of one name, and no value as null', () => {
    expect(new HeaderReader('plain').read({ a: [Buffer.from('1'), Buffer.from('2')], b: null })).toEqual({
      a: '2',
      b: null,
    });
  });

  it('keeps a header named __proto__ a header', () => {
    const raw = JSON.parse('{"__proto__":"x"}') as Record<string, string>;
    expect(Object.getOwnPropertyNames(new HeaderReader('spring').read(raw))).toEqual(['__proto__']);
  });
});

it('reads back whatever it has written', () => {
  const value = fc.oneof(
    fc.string(),
    fc.string().map((text) => `"${text}`),
    fc.integer(),
    fc.maxSafeInteger(),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .filter((n) => !Object.is(n, -0) && (!Number.isInteger(n) || Number.isSafeInteger(n))),
    fc.boolean(),
    fc.constant(null),
    fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-01-01') }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.array(fc.oneof(fc.string(), fc.integer(), fc.boolean())),
  );
  const name = fc.string({ minLength: 1, maxLength: 12 }).map((text) => `h-${text}`);
  fc.assert(
    fc.property(fc.dictionary(name, value), (headers) => {
      const written = { ...headers, contentType: 'application/json' };
      expect({ ...new HeaderReader('spring').read(encodeHeaders(written, 'spring')) }).toEqual({ ...written });
    }),
  );
});

it('lists the types of each message, whatever the message before it had', () => {
  const lists = new TypeLists();
  const listOf = (headers: MessageHeaders) => String(encodeHeaders(headers, 'spring', lists)[TYPES_HEADER]);
  const one = { a: 'x', b: 1 };
  expect([
    listOf(one),
    listOf({ a: 'y', b: 2 }),
    listOf({ a: 1, b: 'y' }),
    listOf({ b: 1, a: 'x' }),
    listOf({ b: 1 }),
    listOf({ contentType: Buffer.of(1) }),
    listOf(one),
  ]).toEqual([
    '{"a":"java.lang.String","b":"java.lang.Integer"}',
    '{"a":"java.lang.String","b":"java.lang.Integer"}',
    '{"a":"java.lang.Integer","b":"java.lang.String"}',
    '{"b":"java.lang.Integer","a":"java.lang.String"}',
    '{"b":"java.lang.Integer"}',
    'undefined',
    '{"a":"java.lang.String","b":"java.lang.Integer"}',
  ]);
});
