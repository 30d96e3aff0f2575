import 'reflect-metadata';
import { Type } from 'class-transformer';
import * as fc from 'fast-check';
import { type ChannelToken, channel } from '../channel/channel';
import { MillraceError } from '../errors/millrace-error';
import { builtInCodecs } from './built-in-codecs';
import { CodecRegistry } from './codec-registry';

class Line {
  name!: string;
  cents!: number;
  @Type(() => Date) due!: Date;
}

class Invoice {
  id!: string;
  paid!: boolean;
  ratio!: number;
  memo: string | null = null;
  nick?: string;
  @Type(() => Date) at!: Date;
  @Type(() => Line) lines: Line[] = [];
  @Type(() => Line) first?: Line;
  free: unknown;
}

const codecs = new CodecRegistry(builtInCodecs);
const Invoices = channel('invoices', Invoice) as unknown as ChannelToken<unknown>;
const Lines = channel('lines', 'text') as ChannelToken<unknown>;
const encode = (payload: unknown): Uint8Array => codecs.encode(payload, Invoices, {}, 'application/json') as Uint8Array;
const decode = (bytes: Uint8Array): unknown => codecs.decode(bytes, Invoices, {}, undefined);

const name = fc.string({ unit: 'binary' });
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0));
const date = fc.date({ noInvalidDate: true });
const line = fc.record({ name, cents: fc.integer(), due: date }).map((fields) => Object.assign(new Line(), fields));
// Members named like those every object has are refused or left out; that is tested on its own.
const free = fc
  .jsonValue({ stringUnit: 'binary' })
  .map((value) => JSON.parse(JSON.stringify(value), (key, member) => (key in {} ? undefined : member)) as unknown);
const invoice = fc
  .record(
    {
      id: name,
      paid: fc.boolean(),
      ratio: number,
      memo: fc.option(name),
      nick: name,
      at: date,
      lines: fc.array(line, { maxLength: 5 }),
      first: line,
      free,
    },
    { requiredKeys: ['id', 'paid', 'ratio', 'memo', 'at', 'lines'] },
  )
  .map((fields) => Object.assign(new Invoice(), fields));

test('B3 B22 any invoice comes back equal, and of its classes', () => {
  fc.assert(
    fc.property(invoice, (sent) => {
      const got = decode(encode(sent)) as Invoice;
      expect(got).toEqual(sent);
      expect(got).toBeInstanceOf(Invoice);
      expect(got.lines.every((one) => one instanceof Line && one.due instanceof Date)).toBe(true);
    }),
  );
});

test('encoding what was decoded gives the same JSON', () => {
  fc.assert(
    fc.property(invoice, (sent) => {
      const bytes = encode(sent);
      expect(JSON.parse(Buffer.from(encode(decode(bytes))).toString())).toEqual(
        JSON.parse(Buffer.from(bytes).toString()),
      );
    }),
  );
});

test('B3 members that are undefined are as if they were not there', () => {
  fc.assert(
    fc.property(invoice, fc.constantFrom('nick', 'first', 'free'), (sent, member) => {
      const without = Object.assign(new Invoice(), sent, { [member]: undefined });
      expect(JSON.parse(Buffer.from(encode(without)).toString())).not.toHaveProperty(member);
    }),
  );
});

test('B17 a bigint anywhere is refused', () => {
  fc.assert(
    fc.property(invoice, fc.bigInt(), fc.integer({ min: 0, max: 4 }), (sent, big, depth) => {
      let free: unknown = big;
      for (let level = 0; level < depth; level += 1) free = level % 2 === 0 ? [free] : { free };
      expect(() => encode(Object.assign(new Invoice(), sent, { free }))).toThrow(
        expect.objectContaining({ code: 'ENCODING_FAILED' }),
      );
    }),
  );
});

test('B14 any bytes at all are decoded or refused with a code, never anything else', () => {
  const bytes = fc.oneof(
    fc.uint8Array(),
    fc.json().map((text) => Buffer.from(text)),
    invoice.chain((sent) => cut(encode(sent))),
  );
  fc.assert(
    fc.property(bytes, (body) => {
      try {
        expect(decode(body)).toBeInstanceOf(Invoice);
      } catch (error) {
        expect(MillraceError.is(error) && ['PAYLOAD_UNDECODABLE', 'PAYLOAD_INVALID'].includes(error.code)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
  expect(Object.keys(Object.prototype)).toEqual([]);
});

test('B3 any whole text comes back equal as text/plain', () => {
  const whole = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(whole, (text) => {
      const bytes = codecs.encode(text, Lines, {}, 'text/plain') as Uint8Array;
      expect(codecs.decode(bytes, Lines, {}, 'text/plain')).toBe(text);
    }),
  );
});

test('B12 no content type, however strange, does anything but choose or refuse', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.mixedCase(fc.constant('application/json;charset=utf-8'))),
      (contentType) => {
        try {
          codecs.decode(Buffer.from('{"id":"1"}'), Invoices, { contentType }, undefined);
        } catch (error) {
          expect(MillraceError.is(error, 'CONTENT_TYPE_UNKNOWN')).toBe(true);
        }
      },
    ),
  );
});

function cut(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  return fc.nat({ max: bytes.length }).map((length) => bytes.slice(0, length));
}
