import * as v from 'valibot';
import { z } from 'zod';
import { type ChannelToken, channel } from '../channel/channel';
import type { StandardSchema } from '../channel/standard-schema';
import { builtInCodecs } from './built-in-codecs';
import { CodecRegistry } from './codec-registry';
import { fromPlain, toPlain } from './plain-payload';

const codecs = new CodecRegistry(builtInCodecs);
const tokenOf = (schema: StandardSchema): ChannelToken<unknown> => channel('orders', schema);
const read = (json: string, schema: StandardSchema): unknown =>
  codecs.decode(Buffer.from(json), tokenOf(schema), {}, undefined);
const write = async (payload: unknown, schema: StandardSchema): Promise<string> =>
  Buffer.from(await codecs.encode(payload, tokenOf(schema), {}, 'application/json')).toString();
const invalid = (message: RegExp): Error =>
  expect.objectContaining({ code: 'PAYLOAD_INVALID', message: expect.stringMatching(message) });

describe.each<[string, StandardSchema]>([
  ['zod', z.object({ id: z.string(), lines: z.array(z.object({ cents: z.number().min(0) })).default([]) })],
  [
    'valibot',
    v.object({
      id: v.string(),
      lines: v.optional(v.array(v.object({ cents: v.pipe(v.number(), v.minValue(0)) })), []),
    }),
  ],
])('a schema of %s', (vendor, schema) => {
  test('makes the payload: defaults filled in, unknown members dropped', () => {
    expect(read('{"id":"1","colour":"brown"}', schema)).toEqual({ id: '1', lines: [] });
  });

  test('B24 refuses with paths, on the way in and on the way out', async () => {
    const bad = { id: 1, lines: [{ cents: 1 }, { cents: -1 }] };
    expect(() => read(JSON.stringify(bad), schema)).toThrow(
      invalid(
        new RegExp(
          `^the payload on channel 'orders' was refused by its ${vendor} schema: id: .+; lines\\[1\\]\\.cents: .+$`,
        ),
      ),
    );
    await expect(write(bad, schema)).rejects.toEqual(
      invalid(/^the payload on channel 'orders' was refused, and not sent, by its .+ schema: id: /),
    );
  });

  test('writes the JSON of what was sent', async () => {
    expect(await write({ id: '1', lines: [{ cents: 1 }] }, schema)).toBe('{"id":"1","lines":[{"cents":1}]}');
  });

  test('B14 is not asked about what is no JSON', () => {
    expect(() => read('nonsense', schema)).toThrow(
      expect.objectContaining({
        code: 'PAYLOAD_UNDECODABLE',
        message: expect.stringContaining(`JSON of ${vendor} schema`),
      }),
    );
  });
});

test("B3 numbers, lists and null are payloads too, as Spring's are", async () => {
  expect(read('42', z.number())).toBe(42);
  expect(read('null', z.null())).toBeNull();
  expect(read('[{"id":"1"},{"id":"2"}]', z.array(z.object({ id: z.string() })))).toEqual([{ id: '1' }, { id: '2' }]);
  expect(await write([1, 2], z.array(z.number()))).toBe('[1,2]');
});

test('a payload in the shape a handler gets can be sent on: its JSON is what is checked', async () => {
  const Reading = z.object({ at: z.iso.datetime().transform((text) => new Date(text)) });
  const got = read('{"at":"2026-01-02T03:04:05.678Z"}', Reading);
  expect(got).toEqual({ at: new Date('2026-01-02T03:04:05.678Z') });
  expect(await write(got, Reading)).toBe('{"at":"2026-01-02T03:04:05.678Z"}');
});

test('a schema that JSON can never satisfy refuses at the send, not at the receiver', async () => {
  await expect(write({ at: new Date() }, z.object({ at: z.date() }))).rejects.toEqual(invalid(/at: /));
});

test('B17 what JSON cannot say rejects the send', async () => {
  await expect(write(undefined, z.unknown())).rejects.toMatchObject({ code: 'ENCODING_FAILED' });
  await expect(write({ big: 1n }, z.unknown())).rejects.toMatchObject({ code: 'ENCODING_FAILED' });
});

test('asynchronous schemas are waited for, in both directions', async () => {
  const known = z.object({ id: z.string().refine(async (id) => id === '1', 'unknown order') });
  await expect(read('{"id":"1"}', known)).resolves.toEqual({ id: '1' });
  await expect(read('{"id":"2"}', known)).rejects.toEqual(invalid(/id: unknown order/));
  expect(await write({ id: '1' }, known)).toBe('{"id":"1"}');
  await expect(write({ id: '2' }, known)).rejects.toEqual(invalid(/not sent, .*id: unknown order/));
});

test('a schema that throws or rejects refuses with its reason', async () => {
  const foreign = (validate: StandardSchema['~standard']['validate']): StandardSchema => ({
    '~standard': { version: 1, vendor: 'own', validate },
  });
  const broken = (): never => {
    throw new Error('broken');
  };
  expect(() => read('1', foreign(broken))).toThrow(
    invalid(/by its own schema: the schema itself failed with 'broken'/),
  );
  await expect(
    read(
      '1',
      foreign(async () => broken()),
    ),
  ).rejects.toEqual(invalid(/failed with 'broken'/));
  const paths = foreign(() => ({
    issues: [{ message: 'a', path: [{ key: 'x' }, 0, Symbol.for('s')] }, { message: 'b' }],
  }));
  expect(() => read('1', paths)).toThrow(invalid(/: x\[0\]\.Symbol\(s\): a; b$/));
});

test('B23 __proto__ is refused before the schema sees it; constructor is a name like another', () => {
  expect(() => read('{"__proto__":{"polluted":true}}', z.looseObject({}))).toThrow(
    expect.objectContaining({ code: 'PAYLOAD_UNDECODABLE' }),
  );
  expect(read('{"constructor":"Lotus"}', z.object({ constructor: z.string() }))).toEqual({ constructor: 'Lotus' });
});

test('toPlain and fromPlain do the same for codecs of other notations', async () => {
  const token = tokenOf(z.object({ at: z.iso.datetime().transform((text) => new Date(text)) }));
  const at = new Date('2026-01-02T03:04:05.678Z');
  expect(toPlain({ at }, token)).toEqual({ at: at.toJSON() });
  expect(fromPlain({ at: at.toJSON() }, token, {})).toEqual({ at });
  expect(() => toPlain({ at: 'noon' }, token)).toThrow(invalid(/at: /));
  const later = tokenOf(z.string().refine(async () => true));
  await expect(toPlain('x', later)).resolves.toBe('x');
});
