import fc from 'fast-check';
import { MillraceError } from '../errors/millrace-error';
import { checkedHeaders, MAX_HEADER_BYTES } from './header-rules';
import { deadLetterHeaderNames, headerNames, isReservedHeader } from './headers';

test('text, numbers, booleans, null, dates, bytes, lists and plain objects are carried, in any language', () => {
  const headers = {
    text: 'grüße 客 ☕',
    'имя заголовка': 'x',
    number: 1.5,
    yes: true,
    none: null,
    at: new Date(0),
    bytes: Uint8Array.of(1, 2),
    list: ['a', [1]],
    object: { nested: { deep: true } },
  };
  expect(checkedHeaders(headers, 'orders')).toEqual(headers);
});

test('a header that is undefined is left out', () => {
  expect(checkedHeaders({ a: undefined as never, b: 1 }, 'orders')).toEqual({ b: 1 });
});

test('later changes of nested values do not reach what is being sent', () => {
  const headers = { bytes: Uint8Array.of(1), at: new Date(0), list: [1], object: { a: 1 } };
  const carried = checkedHeaders(headers, 'orders');
  headers.bytes[0] = 9;
  headers.at.setTime(9);
  headers.list[0] = 9;
  headers.object.a = 9;
  expect(carried).toEqual({ bytes: Uint8Array.of(1), at: new Date(0), list: [1], object: { a: 1 } });
});

test('every name that the transport uses is reserved, whatever its value', () => {
  const own = Object.values(headerNames).filter((name) => name.startsWith('millrace_'));
  for (const name of [
    ...own,
    ...Object.values(deadLetterHeaderNames),
    'scst_partition',
    'kafka_key',
    'amqp_deliveryTag',
    'x-death',
    'spring_json_header_types',
  ]) {
    expect({ name, reserved: isReservedHeader(name) }).toEqual({ name, reserved: true });
    expect(() => checkedHeaders({ [name]: 'x' }, 'orders')).toThrow(
      `header '${name}' of a message to channel 'orders': the name is reserved`,
    );
  }
});

test('names that only look alike are free', () => {
  for (const name of [
    'contentType',
    'correlationId',
    'traceparent',
    'x-request-id',
    'Millrace_x',
    'kafka',
    'x-exceptional',
  ]) {
    expect(checkedHeaders({ [name]: 'x' }, 'orders')).toEqual({ [name]: 'x' });
  }
});

test('__proto__ as a name is refused and changes nothing', () => {
  const headers = JSON.parse('{"__proto__":{"polluted":true}}');
  expect(() => checkedHeaders(headers, 'orders')).toThrow(/cannot be carried/);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('just below the limit passes, just above is refused', () => {
  expect(checkedHeaders({ a: 'x'.repeat(MAX_HEADER_BYTES - 1) }, 'orders').a).toHaveLength(MAX_HEADER_BYTES - 1);
  expect(() => checkedHeaders({ a: 'x'.repeat(MAX_HEADER_BYTES) }, 'orders')).toThrow(/more than 65536 bytes/);
  expect(() => checkedHeaders({ a: 'é'.repeat(MAX_HEADER_BYTES / 2) }, 'orders')).toThrow(/more than 65536 bytes/);
});

test('whatever an application sets, it is carried or refused with HEADER_INVALID', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string(),
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true }),
      ),
      (headers) => {
        try {
          checkedHeaders(headers as never, 'orders');
        } catch (error) {
          expect(MillraceError.is(error, 'HEADER_INVALID')).toBe(true);
        }
      },
    ),
  );
});
