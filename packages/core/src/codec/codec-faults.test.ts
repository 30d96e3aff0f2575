import 'reflect-metadata';
import { Type } from 'class-transformer';
import {
  IsString,
  registerDecorator,
  Validate,
  ValidateNested,
  ValidatePromise,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { z } from 'zod';
import { ChannelToken, channel, type PayloadClass } from '../channel/channel';
import type { ChannelOptions, Upcaster } from '../channel/channel-options';
import { builtInCodecs } from './built-in-codecs';
import { codecFaults, contentTypeFault } from './codec-faults';
import { CodecRegistry } from './codec-registry';

class Order {
  @IsString() id = '';
}

const step: Upcaster = (older) => older;
const problems = <T>(
  payloadClass: PayloadClass<T>,
  options?: ChannelOptions<T>,
  use: 'send' | 'receive' = 'receive',
): string[] =>
  codecFaults(channel('orders', payloadClass, options) as unknown as ChannelToken<unknown>, use).map(
    ({ problem, remedy }) => `${problem}. ${remedy}`,
  );

test('an ordinary channel has none', () => {
  expect(problems(Order)).toEqual([]);
  expect(problems(Order, { version: 3, upcast: { 1: step, 2: step }, missingVersion: 1 })).toEqual([]);
  expect(problems(Order, { version: 3, upcast: { 2: step } })).toEqual([]);
  expect(problems(Order, { version: 1 })).toEqual([]);
  for (const token of [channel('t', 'text'), channel('b', 'bytes'), channel('s', z.string())])
    expect(codecFaults(token as ChannelToken<unknown>, 'receive')).toEqual([]);
});

describe('B26 a chain of upcasters with a fault', () => {
  test.each<[string, ChannelOptions<Order>, RegExp]>([
    [
      'a link missing at the end',
      { version: 3, upcast: { 1: step } },
      /channel 'orders': the upcaster from version 2 to 3 is missing, so that version 1 cannot become 3\. Add upcast\[2\]/,
    ],
    ['a link missing in the middle', { version: 4, upcast: { 1: step, 3: step } }, /from version 2 to 3 is missing/],
    ['no version', { upcast: { 1: step } }, /has 'upcast' but no 'version'/],
    ['a setting without a version', { futureVersions: 'accept' }, /has 'futureVersions' but no 'version'/],
    ['a version that is none', { version: 0 }, /version is 0\. Versions are 1, 2, 3/],
    ['a fractional version', { version: 1.5 }, /version is 1.5/],
    [
      'a step from the current version',
      { version: 2, upcast: { 1: step, 2: step } },
      /upcast\[2\] is from no version below 2/,
    ],
    ['a step from version 0', { version: 2, upcast: { 0: step, 1: step } }, /upcast\[0\] is from no version/],
    [
      'a step that is no function',
      { version: 2, upcast: { 1: 'x' as unknown as Upcaster } },
      /upcast\[1\] is no function/,
    ],
    [
      'a missing version nobody lifts',
      { version: 3, upcast: { 2: step }, missingVersion: 1 },
      /missingVersion is 1, from which no upcaster leads to 3/,
    ],
    ['a missing version from the future', { version: 3, missingVersion: 4 }, /missingVersion is 4/],
  ])('%s is named at start', (_what, options, message) => {
    const found = problems(Order, options);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(message);
  });

  test('every missing link is named', () => {
    expect(problems(Order, { version: 5, upcast: { 1: step } })).toHaveLength(3);
  });
});

describe('asynchronous validators are named at start, because class-validator would pass over them', () => {
  @ValidatorConstraint({ async: true })
  class Known implements ValidatorConstraintInterface {
    validate(): Promise<boolean> {
      return Promise.resolve(false);
    }
  }

  @ValidatorConstraint()
  class Careless implements ValidatorConstraintInterface {
    async validate(): Promise<boolean> {
      return false;
    }
  }

  class Customer {
    @Validate(Known) id = '';
  }

  test('declared ones, undeclared ones, decorators, promises', () => {
    class Mine {
      @Validate(Known) a = '';
      @Validate(Careless) b = '';
      @ValidatePromise() c = Promise.resolve('');
      @IsString() fine = '';
      d = '';
    }
    registerDecorator({
      target: Mine,
      propertyName: 'd',
      async: true,
      validator: { validate: () => Promise.resolve(true) },
    });
    expect(
      problems(Mine)
        .map((text) => /the validator of (\S+)/.exec(text)?.[1])
        .sort(),
    ).toEqual(['Mine.a', 'Mine.b', 'Mine.c', 'Mine.d']);
    expect(problems(Mine)[0]).toMatch(
      /on channel 'orders' is asynchronous, and would not be asked\. Make it synchronous/,
    );
    expect(problems(Mine, { validate: false })).toEqual([]);
  });

  test('those of nested classes, lists, discriminated classes, bases and circles', () => {
    class Base {
      @Validate(Known) inherited = '';
    }
    class Node extends Base {
      @ValidateNested() @Type(() => Node) next?: Node;
      @ValidateNested({ each: true }) @Type(() => Customer) customers: Customer[] = [];
    }
    expect(
      problems(Node)
        .map((text) => /the validator of (\S+)/.exec(text)?.[1])
        .sort(),
    ).toEqual(['Customer.id', 'Node.inherited']);

    class Choice {
      @ValidateNested()
      @Type(() => Order, { discriminator: { property: 'kind', subTypes: [{ name: 'customer', value: Customer }] } })
      one?: Order;
    }
    expect(problems(Choice)).toHaveLength(1);
  });

  test('a nested class that is not validated does not matter', () => {
    class Loose {
      @Type(() => Customer) customer?: Customer;
    }
    expect(problems(Loose)).toEqual([]);
  });
});

test('a constructor that fails without arguments is named where messages are read', () => {
  class Needy {
    readonly name: string;
    constructor(from: { name: string }) {
      this.name = from.name;
    }
  }
  expect(problems(Needy)).toEqual([
    expect.stringMatching(
      /^the constructor of Needy fails without arguments \('Cannot read.+'\), as it is called when a message of channel 'orders' is read\. Let it only assign/,
    ),
  ]);
  expect(problems(Needy, {}, 'send')).toEqual([]);
});

test.each([
  [String, /carries the built-in String\. Use channel\('name', 'text'\)/],
  [Buffer, /Use channel\('name', 'bytes'\)/],
  [Uint8Array, /Use channel\('name', 'bytes'\)/],
  [Map, /Use a class of your own, or a schema/],
])('%p is no message class', (payloadClass, message) => {
  expect(problems(payloadClass as PayloadClass<unknown>)).toEqual([expect.stringMatching(message)]);
});

test('a schema cannot be switched off', () => {
  const token = new ChannelToken<unknown>('orders', z.string(), { validate: false });
  expect(codecFaults(token, 'send')).toEqual([
    { problem: expect.stringContaining('has a schema and validate: false'), remedy: "Leave out 'validate'" },
  ]);
});

test('a content type without a codec is named with those there are', () => {
  const codecs = new CodecRegistry(builtInCodecs);
  const token = channel('orders', Order) as unknown as ChannelToken<unknown>;
  expect(contentTypeFault('application/json;charset=utf-8', token, codecs)).toBeUndefined();
  expect(contentTypeFault('text/plain', token, codecs)).toEqual({
    problem: "no codec for content type 'text/plain' on channel 'orders', which carries Order",
    remedy: "Known: application/json; others by 'codecs' of Millrace.create",
  });
});
