import { type ChannelToken, channel } from '../channel/channel';
import { builtInCodecs } from './built-in-codecs';
import { CodecRegistry } from './codec-registry';

const codecs = new CodecRegistry(builtInCodecs);
const Lines = channel('lines', 'text') as unknown as ChannelToken<unknown>;
const Blobs = channel('blobs', 'bytes') as unknown as ChannelToken<unknown>;

const read = (bytes: string | Uint8Array, contentType?: string): unknown => {
  return codecs.decode(Buffer.from(bytes), Lines, contentType === undefined ? {} : { contentType }, undefined);
};
const write = (text: string, contentType = 'text/plain'): string =>
  Buffer.from(codecs.encode(text, Lines, {}, contentType) as Uint8Array).toString('utf8');

describe('text', () => {
  test.each(['hello, wörld', '', '42', '"quoted"', '{"already":"json"}', '😀 漢字', '\ufeffmark'])(
    'B3 %j under text/plain is what it is',
    (text) => {
      expect(write(text)).toBe(text);
      expect(read(text)).toBe(text);
      expect(read(text, 'text/csv; charset=utf-8')).toBe(text);
    },
  );

  test.each([
    'a String on an application/json binding',
    '{"already":"json"}',
    '42',
    '[1]',
    '"half',
    '"two" "strings"',
    '',
  ])('B3 %j under application/json goes and comes as it is, as Spring writes it', (text) => {
    expect(write(text, 'application/json')).toBe(text);
    expect(read(text, 'application/json')).toBe(text);
  });

  test('B3 a JSON string under application/json is read as its text', () => {
    expect(read('"say \\"hi\\""', 'application/json')).toBe('say "hi"');
  });

  test.each(['text/plain', 'application/json', 'application/octet-stream'])(
    'B14 what is not UTF-8 is undecodable under %s',
    (contentType) => {
      expect(() => read(Uint8Array.from([0xc3, 0x28]), contentType)).toThrow(
        expect.objectContaining({ code: 'PAYLOAD_UNDECODABLE', message: expect.stringContaining('not valid UTF-8') }),
      );
    },
  );

  test.each(['iso-8859-1', '"UTF-16"', 'windows-1252'])('the charset %s is refused both ways', (charset) => {
    const refused = expect.objectContaining({
      code: 'CONTENT_TYPE_UNKNOWN',
      message: expect.stringContaining('as UTF-8 only'),
    });
    for (const type of [`text/plain; charset=${charset}`, `application/json;Charset = ${charset}`]) {
      expect(() => read('x', type)).toThrow(refused);
      expect(() => write('x', type)).toThrow(refused);
    }
  });

  test('the charset of the binding counts like that of the message', () => {
    expect(() => codecs.decode(Buffer.from('x'), Lines, {}, 'text/plain;charset=latin1')).toThrow(/charset latin1/);
  });

  test.each(['text/plain', 'application/json'])(
    'B17 half a character is refused under %s instead of being lost',
    (contentType) => {
      expect(() => write('\ud83d', contentType)).toThrow(
        expect.objectContaining({ code: 'ENCODING_FAILED', message: expect.stringContaining('lone surrogate') }),
      );
    },
  );
});

describe('bytes', () => {
  const bytes = Uint8Array.from([0, 1, 2, 0xfe, 0xff]);

  test.each(['application/octet-stream', 'image/png', 'application/json', 'text/plain; charset=latin1'])(
    'B3 are what they are under %s',
    (contentType) => {
      expect(codecs.encode(bytes, Blobs, {}, contentType)).toEqual(bytes);
      expect(codecs.decode(bytes, Blobs, { contentType }, undefined)).toEqual(bytes);
    },
  );

  test('B1 none are bytes too', () => {
    expect(codecs.decode(new Uint8Array(0), Blobs, {}, undefined)).toEqual(new Uint8Array(0));
    expect(read('')).toBe('');
  });

  test('B11 a handler that changes them changes its own copy', () => {
    const record = Buffer.from(bytes);
    const payload = codecs.decode(record, Blobs, {}, undefined) as Uint8Array;
    payload.fill(9);
    expect(record).toEqual(Buffer.from(bytes));
    expect(Buffer.isBuffer(payload)).toBe(false);
  });

  test('a sender that changes them afterwards changes its own copy', () => {
    const mine = Buffer.from(bytes);
    const sent = codecs.encode(mine, Blobs, {}, 'image/png') as Uint8Array;
    mine.fill(9);
    expect(sent).toEqual(bytes);
  });
});
