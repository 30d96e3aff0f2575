import { type ChannelToken, channel } from '../channel/channel';
import { MillraceError } from '../errors/millrace-error';
import { builtInCodecs } from './built-in-codecs';
import { bytesCodec } from './bytes-codec';
import type { Codec } from './codec';
import { CodecRegistry } from './codec-registry';
import { jsonCodec } from './json-codec';
import { textCodec } from './text-codec';

class Order {
  id = '';
}

const untyped = <T>(token: ChannelToken<T>): ChannelToken<unknown> => token as unknown as ChannelToken<unknown>;
const Orders = untyped(channel('orders', Order));
const Lines = untyped(channel('lines', 'text'));
const Blobs = untyped(channel('blobs', 'bytes'));

const codecs = new CodecRegistry(builtInCodecs);

describe('B12 the content type decides, and no spelling of it breaks anything', () => {
  test.each([
    'application/json',
    '"application/json"',
    'Application/JSON',
    ' application/json ; charset=UTF-8',
    'application/json;charset="utf-8"',
    'application/vnd.shop.order+json',
    'application/problem+json; profile=x',
  ])('%s is JSON', (contentType) => {
    const headers = { contentType };
    const stated = codecs.contentTypeOf(headers, undefined, Orders);
    expect(codecs.codecFor(stated, Orders)).toBe(jsonCodec);
    expect(codecs.decode(Buffer.from('{"id":"1"}'), Orders, headers, undefined)).toEqual({ id: '1' });
  });

  test.each(['image/png', 'text/plain', 'application/octet-stream', 'json', '', ';', '+', 'a/b/c', '"', '__proto__'])(
    'a class is not read from %j',
    (contentType) => {
      expect(() => codecs.codecFor(contentType, Orders)).toThrow(
        expect.objectContaining({
          code: 'CONTENT_TYPE_UNKNOWN',
          message: expect.stringContaining("channel 'orders' (Order); registered: application/json"),
        }),
      );
    },
  );

  test('header, then binding, then channel, then the kind of the channel', () => {
    const own = untyped(channel('xml', 'text', { contentType: 'text/xml' }));
    expect(codecs.contentTypeOf({ contentType: 'text/csv' }, 'text/html', own)).toBe('text/csv');
    expect(codecs.contentTypeOf({}, 'text/html', own)).toBe('text/html');
    expect(codecs.contentTypeOf({}, undefined, own)).toBe('text/xml');
    expect([Orders, Lines, Blobs].map((token) => codecs.contentTypeOf({}, undefined, token))).toEqual([
      'application/json',
      'text/plain',
      'application/octet-stream',
    ]);
  });

  test.each([
    ['bytes, from a client without header types', Buffer.from('application/json')],
    ['in quotes', '"application/json"'],
  ])('a content type %s is read', (_what, contentType) => {
    expect(codecs.contentTypeOf({ contentType }, 'text/html', Orders)).toBe('application/json');
  });

  test.each([
    ['empty', ''],
    ['blank', '  '],
    ['empty in quotes', '""'],
    ['a number', 7],
    ['null', null],
  ])('a content type that is %s counts as none', (_what, contentType) => {
    expect(codecs.contentTypeOf({ contentType }, 'text/html', Orders)).toBe('text/html');
  });
});

test('bytes are carried under any content type, text under every text type', () => {
  for (const type of ['image/png', 'application/json', 'text/plain', 'nonsense'])
    expect(codecs.codecFor(type, Blobs)).toBe(bytesCodec);
  for (const type of ['text/plain', 'text/csv;header=present', 'application/octet-stream'])
    expect(codecs.codecFor(type, Lines)).toBe(textCodec);
  expect(() => codecs.codecFor('image/png', Lines)).toThrow(/no codec for content type 'image\/png'/);
});

describe("the application's own codecs", () => {
  const own = (decoded: unknown, more: Partial<Codec> = {}): Codec => ({
    contentTypes: ['application/json'],
    encode: () => Buffer.from('own'),
    decode: () => decoded,
    ...more,
  });

  test('are stronger than the built-in ones, later ones than earlier ones', () => {
    const [first, second] = [own(new Order()), own(new Order())];
    expect(new CodecRegistry([...builtInCodecs, first, second]).codecFor('application/json', Orders)).toBe(second);
  });

  test('serve classes and schemas, and other kinds where they say so', () => {
    const registry = new CodecRegistry([...builtInCodecs, own('x')]);
    expect(registry.codecFor('application/json', Lines)).toBe(jsonCodec);
    const forText = own('x', { kinds: ['text'] });
    expect(new CodecRegistry([...builtInCodecs, forText]).codecFor('application/json', Lines)).toBe(forText);
  });

  test('match suffixes and wildcards', () => {
    const yaml = own(undefined, { contentTypes: ['Application/YAML'] });
    const any = own(undefined, { contentTypes: ['model/*'] });
    const registry = new CodecRegistry([...builtInCodecs, yaml, any]);
    expect(registry.codecFor('application/openapi+yaml;version=3', Orders)).toBe(yaml);
    expect(registry.codecFor('model/gltf', Orders)).toBe(any);
  });

  test('B17 one that throws, rejects or gives no bytes rejects the send', async () => {
    const cause = new TypeError('cannot');
    const throwing = new CodecRegistry([
      own(0, {
        encode: () => {
          throw cause;
        },
      }),
    ]);
    expect(() => throwing.encode(new Order(), Orders, {}, 'application/json')).toThrow(
      expect.objectContaining({
        code: 'ENCODING_FAILED',
        cause,
        message: "the codec of 'application/json' cannot write Order for channel 'orders': cannot",
      }),
    );
    const rejecting = new CodecRegistry([own(0, { encode: () => Promise.reject(cause) })]);
    await expect(rejecting.encode(new Order(), Orders, {}, 'application/json')).rejects.toMatchObject({
      code: 'ENCODING_FAILED',
      cause,
    });
    const careless = new CodecRegistry([own(0, { encode: () => 'text' as unknown as Uint8Array })]);
    expect(() => careless.encode(new Order(), Orders, {}, 'application/json')).toThrow(
      /encode\(\) gave string, not a Uint8Array/,
    );
  });

  test('one that throws, rejects or gives something else is undecodable', async () => {
    const cause = new TypeError('cannot');
    const decode = (codec: Codec): unknown =>
      new CodecRegistry([codec]).decode(Buffer.from('x'), Orders, {}, undefined);
    expect(() =>
      decode(
        own(0, {
          decode: () => {
            throw cause;
          },
        }),
      ),
    ).toThrow(expect.objectContaining({ code: 'PAYLOAD_UNDECODABLE', cause }));
    await expect(decode(own(Promise.reject(cause)))).rejects.toMatchObject({ code: 'PAYLOAD_UNDECODABLE', cause });
    expect(() => decode(own({ id: '1' }))).toThrow(/decode\(\) gave object, not Order/);
    await expect(decode(own(Promise.resolve(undefined)))).rejects.toThrow(/decode\(\) gave undefined, not Order/);
  });

  test('a MillraceError of theirs stays as it is', () => {
    const error = new MillraceError('PAYLOAD_INVALID', 'no');
    const registry = new CodecRegistry([
      own(0, {
        decode: () => {
          throw error;
        },
      }),
    ]);
    expect(() => registry.decode(Buffer.from('x'), Orders, {}, undefined)).toThrow(error);
  });

  test('asynchronous ones are waited for', async () => {
    const order = new Order();
    const registry = new CodecRegistry([own(Promise.resolve(order), { encode: async () => Buffer.from('later') })]);
    await expect(registry.decode(Buffer.from('x'), Orders, {}, undefined)).resolves.toBe(order);
    await expect(registry.encode(order, Orders, {}, 'application/json')).resolves.toEqual(Buffer.from('later'));
  });

  test.each([
    ['nothing', undefined],
    ['no functions', { contentTypes: ['a/b'] }],
    ['no content types', { contentTypes: [], encode: () => 0, decode: () => 0 }],
  ])('%s is no codec', (_what, codec) => {
    expect(() => new CodecRegistry([codec as unknown as Codec])).toThrow(
      expect.objectContaining({ code: 'WIRING_INVALID' }),
    );
  });

  test('a kind that does not exist is named', () => {
    expect(() => new CodecRegistry([own(0, { kinds: ['string' as 'text'] })])).toThrow(
      /names the kind 'string'; there are class, schema, text and bytes/,
    );
  });
});

test('senders who invent content types do not fill the memory', () => {
  const registry = new CodecRegistry(builtInCodecs);
  const remembered = jest.spyOn(Map.prototype, 'set');
  for (let count = 0; count < 1_000; count += 1) registry.codecFor(`application/json; n=${count}`, Orders);
  expect(remembered.mock.calls.length).toBe(256);
  remembered.mockRestore();
});
