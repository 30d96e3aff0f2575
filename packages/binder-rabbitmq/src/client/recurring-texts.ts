const PLACES = 64;
const LONGEST = 64;
const ASCII_END = 0x80;

/** Texts out of bytes of UTF-8. The same one is not decoded each time: to compare is faster, and makes nothing. */
export class RecurringTexts {
  readonly #texts: string[] = new Array(PLACES).fill('');

  at(bytes: Buffer, start: number, length: number): string {
    if (length === 0) return '';
    if (length > LONGEST) return bytes.toString('utf8', start, start + length);
    const [first, last] = [bytes[start] as number, bytes[start + length - 1] as number];
    const place = (length * 31 + first * 7 + last) % PLACES;
    const known = this.#texts[place] as string;
    if (known.length === length && isAscii(known, bytes, start)) return known;
    const text = bytes.toString('utf8', start, start + length);
    this.#texts[place] = text;
    return text;
  }
}

function isAscii(text: string, bytes: Buffer, start: number): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const byte = bytes[start + index] as number;
    if (byte >= ASCII_END || text.charCodeAt(index) !== byte) return false;
  }
  return true;
}
