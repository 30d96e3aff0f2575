import 'reflect-metadata';
import { Exclude, Expose, Transform, Type } from 'class-transformer';
import { IsInt, IsString, Min, ValidateNested } from 'class-validator';
import { type ChannelToken, channel } from '../channel/channel';
import type { ChannelOptions } from '../channel/channel-options';
import { builtInCodecs } from './built-in-codecs';
import { CodecRegistry } from './codec-registry';

class Price {
  @IsInt() @Min(0) cents!: number;
  get euros(): number {
    return this.cents / 100;
  }
}

class Item {
  @IsString() name!: string;
  @ValidateNested() @Type(() => Price) price!: Price;
}

class Order {
  @IsString() id!: string;
  @IsInt() @Min(1) quantity = 1;
  @Type(() => Date) placedAt?: Date;
  @ValidateNested() @Type(() => Item) items: Item[] = [];
  @Type(() => Price) byName?: Map<string, Price>;
  @Type(() => String) tags?: Set<string>;
  note?: string | undefined;
  big?: unknown;
  extra?: unknown;

  total(): number {
    return this.items.reduce((sum, item) => sum + item.price.cents, 0);
  }
}

const codecs = new CodecRegistry(builtInCodecs);
const Orders = channel('orders', Order) as unknown as ChannelToken<unknown>;
const tokenOf = <T>(payloadClass: abstract new () => T, options?: ChannelOptions<T>): ChannelToken<unknown> =>
  channel('things', payloadClass, options) as unknown as ChannelToken<unknown>;

const read = (json: string | Uint8Array, token = Orders): unknown =>
  codecs.decode(Buffer.from(json), token, {}, undefined);
const write = (payload: unknown, token = Orders): string =>
  Buffer.from(codecs.encode(payload, token, {}, 'application/json') as Uint8Array).toString('utf8');
const orderWith = (fields: Partial<Order>): Order => Object.assign(new Order(), { id: '1', ...fields });
const failing = (code: string, message: RegExp): Error =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe('B22 a class instance goes in, a class instance comes out', () => {
  const sent = orderWith({
    quantity: 2,
    placedAt: new Date('2026-01-02T03:04:05.678Z'),
    items: [Object.assign(new Item(), { name: 'møcha', price: Object.assign(new Price(), { cents: 350 }) })],
    byName: new Map([['mocha', Object.assign(new Price(), { cents: 350 })]]),
    tags: new Set(['hot', 'large']),
  });

  test('with prototypes, nested classes, dates, lists, maps and sets', () => {
    const got = read(write(sent)) as Order;
    expect(got).toEqual(sent);
    expect(got).toBeInstanceOf(Order);
    expect(got.total()).toBe(350);
    expect(got.items[0]?.price).toBeInstanceOf(Price);
    expect(got.items[0]?.price.euros).toBe(3.5);
    expect(got.placedAt).toBeInstanceOf(Date);
    expect(got.byName?.get('mocha')).toBeInstanceOf(Price);
  });

  test('and the sender keeps its own', () => {
    const got = read(write(sent)) as Order;
    for (const item of got.items) item.price.cents = 1;
    expect(sent.items[0]?.price.cents).toBe(350);
  });

  test('missing members get the defaults of the class', () => {
    expect(read('{"id":"1"}')).toEqual(expect.objectContaining({ id: '1', quantity: 1, items: [] }));
  });

  test('the order of members does not matter, nor does a byte order mark', () => {
    expect(read('\ufeff{"quantity":3,"id":"1"}')).toEqual(read('{"id":"1","quantity":3}'));
  });

  test('unknown members do no harm and stay, as class-transformer has it', () => {
    const got = read(
      '{"id":"1","colour":"brown","total":7,"toString":"x","hasOwnProperty":1,"then":1,"valueOf":2}',
    ) as Order & Record<string, unknown>;
    expect(got.colour).toBe('brown');
    expect([got.total(), String(got), typeof got.hasOwnProperty]).toEqual([0, '[object Object]', 'function']);
    expect(JSON.parse(write(got))).toMatchObject({ id: '1', colour: 'brown' });
  });

  test('@Exclude, @Expose and @Transform count both ways; excluding all is how unknown members are dropped', () => {
    @Exclude()
    class Account {
      @Expose({ name: 'user_name' }) user = '';
      @Expose() @Transform(({ value }) => String(value).toUpperCase(), { toClassOnly: true }) country = '';
      secret = 'default';
    }
    const Accounts = tokenOf(Account);
    const got = read('{"user_name":"ann","country":"de","secret":"stolen","colour":"brown"}', Accounts);
    expect(got).toEqual(Object.assign(new Account(), { user: 'ann', country: 'DE', secret: 'default' }));
    expect(JSON.parse(write(got, Accounts))).toEqual({ user_name: 'ann', country: 'DE' });
  });
});

describe('B3 values', () => {
  test('undefined members are left out, null stays', () => {
    expect(JSON.parse(write(orderWith({ note: undefined, extra: null })))).toEqual({
      id: '1',
      quantity: 1,
      items: [],
      extra: null,
    });
  });

  test('untyped members are plain JSON', () => {
    const extra = { deep: [{ er: 'ü€😀\u2028' }, 1.5, true, null] };
    expect((read(write(orderWith({ extra }))) as Order).extra).toEqual(extra);
  });
});

describe('B17 what JSON cannot say rejects the send', () => {
  test('a bigint', () => {
    expect(() => write(orderWith({ big: 1n }))).toThrow(
      failing('ENCODING_FAILED', /^Order for channel 'orders' cannot be written as JSON$/),
    );
  });

  test('a circle', () => {
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => write(orderWith({ extra: circle }))).toThrow(failing('ENCODING_FAILED', /cannot be written/));
  });

  test('a throwing getter or transform', () => {
    class Mine {
      @Transform(
        () => {
          throw new Error('mine');
        },
        { toPlainOnly: true },
      )
      value = 1;
    }
    expect(() => write(new Mine(), tokenOf(Mine))).toThrow(failing('ENCODING_FAILED', /Mine for channel 'things'/));
  });
});

describe('B24 validation', () => {
  test('what breaks a rule is invalid, with every path, in both directions', () => {
    const bad = '{"id":7,"quantity":0,"items":[{"name":"a","price":{"cents":1}},{"name":"b","price":{"cents":-1}}]}';
    expect(() => read(bad)).toThrow(
      failing(
        'PAYLOAD_INVALID',
        /^Order on channel 'orders' was refused: id must be a string; quantity must not be less than 1; items\[1\]\.price\.cents: cents must not be less than 0$/,
      ),
    );
    expect(() => write(orderWith({ quantity: 0 }))).toThrow(
      failing('PAYLOAD_INVALID', /was not sent: quantity must not be less than 1/),
    );
  });

  test('validate: false asks no rule, in either direction', () => {
    const Lax = tokenOf(Order, { validate: false });
    expect(read('{"id":7,"quantity":0}', Lax)).toMatchObject({ id: 7, quantity: 0 });
    expect(JSON.parse(write(orderWith({ quantity: 0 }), Lax))).toMatchObject({ quantity: 0 });
  });

  test('a validator that throws is a refusal with its reason, not a crash', () => {
    class Touchy {
      @Min(1) get value(): number {
        throw new Error('do not look');
      }
    }
    expect(() => read('{}', tokenOf(Touchy))).toThrow(
      failing('PAYLOAD_INVALID', /one of its validators failed with 'do not look'/),
    );
  });

  test.each([
    ['[{"id":"1"}]', /is a list\. A channel of lists is one of a schema/],
    ['null', /is null/],
    ['42', /is a number/],
    ['"text"', /is a string/],
  ])('%s is no object of the class', (json, message) => {
    expect(() => read(json)).toThrow(failing('PAYLOAD_INVALID', message));
  });

  test('a class that cannot be made without arguments is told', () => {
    class Needy {
      readonly name: string;
      constructor(from: { name: string }) {
        this.name = from.name;
      }
    }
    expect(() => read('{}', channel('needy', Needy) as unknown as ChannelToken<unknown>)).toThrow(
      failing('PAYLOAD_INVALID', /does not fit Needy: building it failed/),
    );
  });
});

describe('B14 bytes that are no JSON are undecodable', () => {
  test.each([
    ['B1 nothing', '', /the body is empty/],
    ['text', 'once upon a time', /the body is not JSON/],
    ['half of it', '{"id":"1', /the body is not JSON/],
    ['two of them', '{}{}', /the body is not JSON/],
    ['comments', '{/* */}', /the body is not JSON/],
    ['NaN', '{"quantity":NaN}', /the body is not JSON/],
    ['invalid UTF-8', Uint8Array.from([0x22, 0xff, 0x22]), /not valid UTF-8/],
    ['UTF-16', Buffer.from('{"id":"1"}', 'utf16le'), /the body is not JSON/],
  ])('%s', (_what, body, message) => {
    expect(() => read(body)).toThrow(failing('PAYLOAD_UNDECODABLE', message));
  });

  test('depth that would overflow the stack is refused before it is parsed', () => {
    const deep = 200_000;
    expect(() => read(`{"id":"1","extra":${'['.repeat(deep)}${']'.repeat(deep)}}`)).toThrow(
      failing('PAYLOAD_UNDECODABLE', /nested more than 100 deep/),
    );
  });
});

describe('B23 names that could pollute a prototype do nothing', () => {
  test.each([
    ['on top', '{"id":"1","__proto__":{"polluted":true}}'],
    ['nested', '{"id":"1","extra":{"deep":[{"__proto__":{"polluted":true}}]}}'],
    ['escaped', '{"id":"1","\\u005f\\u005Fproto__":{"polluted":true}}'],
    ['another letter escaped', '{"id":"1","__\\u0070roto__":{"polluted":true}}'],
  ])('__proto__ %s is refused', (_what, json) => {
    expect(() => read(json)).toThrow(failing('PAYLOAD_UNDECODABLE', /'__proto__' key, which is never accepted/));
    expect(Object.prototype).not.toHaveProperty('polluted');
  });

  test.each([
    ['on top', '{"id":"1","constructor":{"prototype":{"polluted":true}}}'],
    ['nested', '{"id":"1","extra":{"constructor":{"prototype":{"polluted":true}},"a":1}}'],
    ['as text, nested', '{"id":"1","extra":{"constructor":"x","a":1}}'],
    ['escaped', '{"id":"1","extra":{"\\u0063onstructor":"x","a":1}}'],
    ['in a list', '{"id":"1","items":[{"name":"n","price":{"cents":1,"constructor":[]},"constructor":null}]}'],
  ])('constructor %s is left out', (_what, json) => {
    const got = read(json) as Order;
    expect(got.constructor).toBe(Order);
    expect(got).not.toHaveProperty('polluted');
    if (got.extra !== undefined) expect(got.extra).toEqual({ a: 1 });
    expect(Object.prototype).not.toHaveProperty('polluted');
  });

  test('text that only mentions them is text', () => {
    expect(read('{"id":"the \\"constructor\\" of __proto__ \\u00e9"}')).toMatchObject({
      id: 'the "constructor" of __proto__ é',
    });
  });
});

test("Spring's own bytes are read: alphabetical members, ISO dates, a quoted content type", () => {
  const json =
    '{"customer":"customer-1","id":"8c032fc1-efe1-31fa-8000-000000000001","placedAt":"2026-01-02T03:04:05.678Z","price":10.99,"quantity":2}';
  const got = codecs.decode(Buffer.from(json), Orders, { contentType: '"application/json"' }, undefined) as Order;
  expect(got).toMatchObject({
    id: '8c032fc1-efe1-31fa-8000-000000000001',
    quantity: 2,
    placedAt: new Date('2026-01-02T03:04:05.678Z'),
  });
});
