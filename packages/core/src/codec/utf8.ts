import { isUtf8 } from 'node:buffer';
import { MillraceError } from '../errors/millrace-error';

/** Bytes as text. @throws MillraceError PAYLOAD_UNDECODABLE where they are not UTF-8 */
export function readUtf8(bytes: Uint8Array, where: string): string {
  const text = textOf(bytes);
  if (text === undefined) throw new MillraceError('PAYLOAD_UNDECODABLE', `${where}, but the body is not valid UTF-8`);
  return text;
}

/** Bytes as text; `undefined` where they are not UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Without the name of the encoding, which would be looked up.
  const text = buffer.toString();
  // What is not UTF-8 becomes this sign; text that holds it by right is rare.
  return text.includes('\uFFFD') && !isUtf8(bytes) ? undefined : text;
}

/** Text as bytes. @throws MillraceError ENCODING_FAILED where half a character would be lost */
export function writeUtf8(text: string, where: string): Uint8Array {
  if (/\p{Surrogate}/u.test(text))
    throw new MillraceError(
      'ENCODING_FAILED',
      `${where} holds half a character (a lone surrogate), which UTF-8 cannot carry`,
    );
  return Buffer.from(text, 'utf8');
}
