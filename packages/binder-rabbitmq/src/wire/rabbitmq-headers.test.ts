import type { HeaderValue, MessageHeaders } from '@millrace/core/spi';
import fc from 'fast-check';
import { onTheWire, throughTheWire } from '../../test/amqp-codec';
import { foreignCases, springMessages } from '../../test/fixture';
import type { FieldTable, FieldValue } from '../rabbitmq-port';
import { sizeOfTable } from './rabbitmq-field-table';
import { decodeHeaders, encodeHeaders, rewrittenFields } from './rabbitmq-headers';

const [spring] = springMessages('headers').get('fx.headers.cap') ?? [];

describe('writing headers', () => {
  it('a plain message has the properties Spring gives it, and an empty table', () => {
    const [message] = springMessages('pojo').get('fx.pojo.cap') ?? [];
    const { contentType, messageId, priority } = message?.properties ?? {};
    const own = encodeHeaders({ contentType: 'application/json', millrace_id: messageId ?? '' }, 'spring');
    expect(own).toEqual({ contentType, messageId, priority, headers: {} });
  });

  it('writes each kind with the type Spring gives it', () => {
    const own = encodeHeaders(
      {
        'h-string': 'text value',
        'h-string-empty': '',
        'h-string-unicode': 'wörld ✓',
        'h-string-json': '{"a":1}',
        'h-string-quoted': '"quoted"',
        'X-Mixed-Case': 'kept?',
        correlationId: 'corr-1',
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
        'h-int': 42,
        'h-int-negative': -1,
        'h-double': 3.25,
        'h-boolean': true,
        'h-bytes': Uint8Array.of(1, 2, 255),
        'h-list': ['one', 2, true],
        'h-array': ['p', 'q'],
        'h-map': { zip: 150, city: 'Oslo', inner: { deep: true }, tags: ['x', 'y'] },
        'h-date': new Date('2026-01-02T03:04:05Z'),
      },
      'spring',
    );
    const captured = Object.fromEntries(Object.keys(own.headers).map((name) => [name, spring?.typed[name]]));
    expect(onTheWire(own.headers)).toEqual(onTheWire(captured));
  });

  it('never writes a whole number in one byte or two, as amqplib would', () => {
    const { headers } = encodeHeaders({ small: 5, list: [1], map: { n: 300 }, large: 2 ** 40 }, 'spring');
    expect(onTheWire(headers).toString('latin1')).toMatch(/smallI.*listA.{4}I.*mapF.{5}nI.*largel/s);
  });

  it('plain mode writes text alone, none writes no table; properties are written in each', () => {
    const headers = { contentType: 'a/b', n: 1, yes: true, when: new Date(0), list: [1, 'x'], text: 'x' };
    const text = { n: '1', yes: 'true', when: '1970-01-01T00:00:00.000Z', list: '[1,"x"]', text: 'x' };
    expect(encodeHeaders(headers, 'plain')).toMatchObject({ contentType: 'a/b', headers: text });
    expect(encodeHeaders(headers, 'none')).toMatchObject({ contentType: 'a/b', headers: {} });
  });

  it('a priority between 0 and 255 is the property, anything else a header', () => {
    expect(encodeHeaders({ priority: 7 }, 'spring')).toMatchObject({ priority: 7, headers: {} });
    for (const priority of [256, -1, 0.5, 'high'] as const) {
      const encoded = encodeHeaders({ priority }, 'spring');
      expect(encoded.priority).toBe(0);
      expect(throughTheWire(encoded.headers).priority).toBe(priority);
    }
  });

  it.each([
    ['a name of more than 255 bytes', { ['é'.repeat(128)]: 1 }, /^the header 'é+…': AMQP takes names of 255 bytes/],
    ['CC, which would route it elsewhere', { CC: ['audit'] }, /^header 'CC': the broker takes it for routing keys/],
    ['BCC', { BCC: 'audit' }, /^header 'BCC': the broker takes it for routing keys/],
  ])('refuses %s', (_, headers: MessageHeaders, message) => {
    expect(() => encodeHeaders(headers, 'spring')).toThrow(
      expect.objectContaining({ code: 'HEADER_INVALID', message: expect.stringMatching(message) }),
    );
  });

  it('what is too long for a property stands in the table, and is read from there', () => {
    const long = { contentType: `a/${'b'.repeat(300)}`, millrace_id: 'é'.repeat(128) };
    const { headers, ...properties } = encodeHeaders(long, 'spring');
    expect(properties).toEqual({ contentType: undefined, messageId: undefined, priority: 0 });
    expect(decodeHeaders({ ...properties, headers: throughTheWire(headers) }, 'spring')).toEqual(long);
  });

  it('leaves out what was shown of an earlier delivery', () => {
    expect(encodeHeaders({ amqp_receivedExchange: 'orders', amqp_retryCount: 2 }, 'spring').headers).toEqual({});
  });
});

describe('reading headers', () => {
  it('reads what Spring wrote, each value in its own kind', () => {
    expect(decodeHeaders(spring?.properties ?? {}, 'spring')).toEqual({
      contentType: 'application/json',
      millrace_id: 'ba75afc2-dc3e-b18b-8c16-8c82646a4ef4',
      'h-string': 'text value',
      'h-string-empty': '',
      'h-string-unicode': 'wörld ✓',
      'h-string-json': '{"a":1}',
      'h-string-quoted': '"quoted"',
      'X-Mixed-Case': 'kept?',
      correlationId: 'corr-1',
      replyChannel: 'not-on-the-wire?',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      'h-byte': 5,
      'h-short': 7,
      'h-int': 42,
      'h-int-negative': -1,
      // 9007199254740993 on the wire: amqplib rounds it.
      'h-long': 9007199254740992,
      'h-float': 1.5,
      'h-double': 3.25,
      'h-bigdecimal': 12.34,
      'h-boolean': true,
      'h-bytes': Buffer.from([1, 2, 255]),
      'h-uuid': '550e8400-e29b-41d4-a716-446655440000',
      'h-uri': 'urn:x:y',
      'h-mime': 'text/plain',
      'h-date': new Date('2026-01-02T03:04:05Z'),
      'h-instant': '2026-01-02T03:04:05.678Z',
      'h-list': ['one', 2, true],
      'h-list-long': [1, 2],
      'h-array': ['p', 'q'],
      'h-map': { zip: 150, city: 'Oslo', inner: { deep: true }, tags: ['x', 'y'] },
    });
  });

  it('reads properties that others use, under Spring’s names; a correlation id joins the conversation', () => {
    const properties = { correlationId: 'c', replyTo: 'q', appId: 'till', type: 'order', expiration: '5', priority: 9 };
    expect(decodeHeaders(properties, 'spring')).toEqual({
      correlationId: 'c',
      amqp_correlationId: 'c',
      amqp_replyTo: 'q',
      amqp_appId: 'till',
      amqp_type: 'order',
      amqp_expiration: '5',
      priority: 9,
    });
  });

  it.each(foreignCases().map((each) => [each.id, each.sent] as const))('reads the foreign message %s', (id, sent) => {
    const { contentType, contentEncoding, headers } = sent;
    const table = headers as FieldTable;
    const decoded = decodeHeaders({ contentType, contentEncoding, headers: table }, 'spring');
    // In the table it wins over the property, as in Spring; nowhere given, it is left to the binding.
    expect(decoded.contentType).toBe(id.startsWith('ct-in-headers') ? headers.contentType : contentType);
    expect(Object.keys(decoded)).toEqual(expect.arrayContaining(Object.keys(headers)));
  });

  it('none reads the properties alone', () => {
    const properties = { contentType: 'a/b', headers: { n: 1 } };
    expect(decodeHeaders(properties, 'none')).toEqual({ contentType: 'a/b' });
  });

  it('hides what is of the transport', () => {
    const hidden = {
      millrace_key: 'k',
      millrace_milliseconds: {},
      timestamp_in_ms: 1,
      'x-delivery-count': 2,
      'x-acquired-count': 2,
      CC: ['a'],
      BCC: ['b'],
    };
    expect(decodeHeaders({ headers: hidden }, 'spring')).toEqual({});
    expect(decodeHeaders({ headers: { 'retry-count': 3 } }, 'spring')).toEqual({ amqp_retryCount: 3 });
  });

  it('takes hostile tables as they are: marks that are none, bottomless lists, a prototype for a name', () => {
    const marked = { '!': 'timestamp', value: 'never' };
    const headers = { list: bottomless(), marked, strange: { '!': 5 }, late: { '!': 'timestamp', value: 2 ** 64 } };
    Object.defineProperty(headers, '__proto__', { value: 'x', enumerable: true });
    const decoded = decodeHeaders({ headers: headers as unknown as FieldTable }, 'spring');
    expect(JSON.stringify(decoded.list)).toMatch(/^\[{60,70}null\]{60,70}$/);
    expect(decoded.marked).toEqual(marked);
    expect(decoded.strange).toEqual({ '!': 5 });
    expect(decoded.late).toBe(2 ** 64);
    expect(Object.getOwnPropertyNames(decoded)).toContain('__proto__');
  });
});

const value: fc.Arbitrary<HeaderValue> = fc.letrec<{ value: HeaderValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'grapheme' }),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.date({ noInvalidDate: true, min: new Date('1900-01-01'), max: new Date('2200-01-01') }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.string({ maxLength: 8 }).filter((name) => name !== '__proto__'),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
})).value;
const headersOf = fc.dictionary(
  fc.string({ maxLength: 12, unit: 'grapheme' }).map((text) => `h-${text}`),
  value,
  { maxKeys: 5, noNullPrototype: true },
);

it('reads back whatever it has written, through amqplib’s own encoding', () => {
  fc.assert(
    fc.property(headersOf, (headers) => {
      const { headers: table, ...properties } = encodeHeaders({ ...headers, contentType: 'a/b' }, 'spring');
      const read = decodeHeaders({ ...properties, headers: throughTheWire(table) }, 'spring');
      expect(plain(read)).toEqual(plain({ ...headers, contentType: 'a/b' }));
    }),
  );
});

it('a table that was read can be written again with the same values, and its size is never underrated', () => {
  fc.assert(
    fc.property(headersOf, (headers) => {
      const first = throughTheWire(encodeHeaders(headers, 'spring').headers);
      const again = rewrittenFields(first);
      expect(throughTheWire(again)).toEqual(first);
      expect(sizeOfTable(again)).toBeGreaterThanOrEqual(onTheWire(again).byteLength);
    }),
  );
});

it('rewrites what amqplib could not: foreign marks, dates out of range; the broker’s own deaths in eight bytes', () => {
  const table = {
    mark: { '!': 'nothing' },
    late: { '!': 'timestamp', value: 2 ** 64 },
    'x-death': [{ count: 1, queue: 'orders' }],
    'x-delivery-count': 3,
    CC: ['audit'],
  } as unknown as FieldTable;
  expect(() => onTheWire(rewrittenFields({ list: bottomless() }))).not.toThrow();
  const fields = rewrittenFields(table);
  expect(throughTheWire(fields)).toEqual({
    mark: { '!': 'nothing' },
    late: 2 ** 64,
    'x-death': [{ count: 1, queue: 'orders' }],
  });
  expect(onTheWire(fields).toString('latin1')).toContain('\x05countl');
});

function bottomless(): FieldValue {
  let list: FieldValue = 'deep';
  for (let depth = 0; depth < 5_000; depth += 1) list = [list];
  return list;
}

/** Objects without prototypes and bytes of any class compare alike. */
function plain(each: HeaderValue | undefined): unknown {
  if (each instanceof Uint8Array) return { bytes: [...each] };
  if (each instanceof Date) return { date: each.getTime() };
  if (Array.isArray(each)) return each.map(plain);
  if (typeof each !== 'object' || each === null) return each;
  return Object.fromEntries(Object.entries(each).map(([name, item]) => [name, plain(item as HeaderValue)]));
}
