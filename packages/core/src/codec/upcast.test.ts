import 'reflect-metadata';
import { IsIn, IsInt, IsString } from 'class-validator';
import { z } from 'zod';
import { type ChannelToken, channel } from '../channel/channel';
import type { ChannelOptions, Upcaster } from '../channel/channel-options';
import { type HeaderValue, headerNames } from '../message/headers';
import { builtInCodecs } from './built-in-codecs';
import { CodecRegistry } from './codec-registry';

interface OrderV1 {
  drink: string;
}

interface OrderV2 extends OrderV1 {
  quantity: number;
}

class Order {
  @IsString() drink!: string;
  @IsInt() quantity!: number;
  @IsIn(['small', 'large']) size!: string;
}

const steps: Record<number, Upcaster> = {
  1: (v1: OrderV1): OrderV2 => ({ ...v1, quantity: 1 }),
  2: (v2: OrderV2) => ({ ...v2, size: 'small' }),
};

const codecs = new CodecRegistry(builtInCodecs);
const orders = (options: ChannelOptions<Order>): ChannelToken<Order> => channel('orders', Order, options);

function read(token: ChannelToken<Order>, json: string, version?: HeaderValue): unknown {
  const headers = version === undefined ? {} : { [headerNames.version]: version };
  return codecs.decode(Buffer.from(json), token as unknown as ChannelToken<unknown>, headers, undefined);
}

const current = { drink: 'mocha', quantity: 2, size: 'large' };
const invalid = (message: RegExp): Error =>
  expect.objectContaining({ code: 'PAYLOAD_INVALID', message: expect.stringMatching(message) });

describe('B26 a chain of upcasters', () => {
  const Orders = orders({ version: 3, upcast: steps });

  test.each([
    [1, '{"drink":"mocha"}', { drink: 'mocha', quantity: 1, size: 'small' }],
    [2, '{"drink":"mocha","quantity":2}', { drink: 'mocha', quantity: 2, size: 'small' }],
    [3, JSON.stringify(current), current],
    ['2', '{"drink":"mocha","quantity":2}', { drink: 'mocha', quantity: 2, size: 'small' }],
  ])('version %j becomes the current class', (version, json, expected) => {
    const order = read(Orders, json, version);
    expect(order).toBeInstanceOf(Order);
    expect(order).toEqual(expected);
  });

  test('the result is validated like any other', () => {
    const wrong = orders({ version: 2, upcast: { 1: () => ({ drink: 7 }) } });
    expect(() => read(wrong, '{}', 1)).toThrow(invalid(/was refused: drink must be a string/));
  });

  test('the text is parsed anew for each call, so that an upcaster may change what it gets', () => {
    const changing = orders({
      version: 2,
      upcast: {
        1: (v1: OrderV2 & { size?: string }) => Object.assign(v1, { size: 'large', quantity: v1.quantity + 1 }),
      },
    });
    const json = '{"drink":"mocha","quantity":1}';
    expect([read(changing, json, 1), read(changing, json, 1)]).toEqual([current, current]);
  });

  test('an upcaster that throws, in any way, is told with its reason', () => {
    const throwing = orders({
      version: 2,
      upcast: {
        1: () => {
          throw new Error('no such drink');
        },
      },
    });
    expect(() => read(throwing, '{}', 1)).toThrow(
      invalid(/version 1 of Order on channel 'orders' cannot be read: its upcaster failed with 'no such drink'/),
    );
    const vulgar = orders({
      version: 2,
      upcast: {
        1: () => {
          throw undefined;
        },
      },
    });
    expect(() => read(vulgar, '{}', 1)).toThrow(invalid(/failed with 'undefined'/));
  });

  test.each([
    ['nothing', () => undefined],
    ['a promise', async () => ({})],
  ])('an upcaster that returns %s is told', (what, step) => {
    expect(() => read(orders({ version: 2, upcast: { 1: step as unknown as Upcaster } }), '{}', 1)).toThrow(
      invalid(new RegExp(`its upcaster returned ${what}`)),
    );
  });

  test('a version older than the oldest upcaster is told', () => {
    expect(() => read(orders({ version: 3, upcast: { 2: steps[2] as Upcaster } }), '{}', 1)).toThrow(
      invalid(/version 1 of Order .* is too old/),
    );
  });

  test('schemas are lifted the same way', () => {
    const Prices = channel('prices', z.object({ cents: z.number() }), {
      version: 2,
      upcast: { 1: (v1: { euros: number }) => ({ cents: v1.euros * 100 }) },
    });
    expect(
      codecs.decode(
        Buffer.from('{"euros":2}'),
        Prices as ChannelToken<unknown>,
        { [headerNames.version]: 1 },
        undefined,
      ),
    ).toEqual({ cents: 200 });
  });
});

describe('B25 versions that do not match', () => {
  test('a version from the future is refused, by default', () => {
    expect(() => read(orders({ version: 3, upcast: steps }), JSON.stringify(current), 4)).toThrow(
      invalid(/version 4 of Order .* is from the future: this application reads up to 3/),
    );
  });

  test('a version from the future is read as the newest known, by setting', () => {
    const Orders = orders({ version: 3, upcast: steps, futureVersions: 'accept' });
    expect(read(Orders, JSON.stringify({ ...current, colour: 'brown' }), 4)).toMatchObject(current);
    expect(() => read(Orders, '{"beverage":"mocha"}', 4)).toThrow(invalid(/was refused/));
  });

  test('a message without a version has the current one, by default', () => {
    expect(read(orders({ version: 3, upcast: steps }), JSON.stringify(current))).toEqual(current);
  });

  test('a message without a version is old, by setting', () => {
    const Orders = orders({ version: 3, upcast: steps, missingVersion: 1 });
    expect(read(Orders, '{"drink":"mocha"}')).toEqual({ drink: 'mocha', quantity: 1, size: 'small' });
    expect(read(Orders, '{"drink":"mocha"}', null)).toEqual({ drink: 'mocha', quantity: 1, size: 'small' });
  });

  test('a consumer that knows no versions reads what it can', () => {
    expect(read(orders({}), JSON.stringify({ ...current, colour: 'brown' }), 9)).toMatchObject(current);
  });

  test.each(['new', '', '-1', '1.5', 0, -1, 1.5, Number.NaN, true, [1], '99999999999'])(
    'the version %j is none',
    (version) => {
      expect(() =>
        read(orders({ version: 3, upcast: steps }), JSON.stringify(current), version as HeaderValue),
      ).toThrow(invalid(/which is no version/));
    },
  );
});
