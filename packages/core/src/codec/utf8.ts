import { isUtf8 } from 'node:buffer';
import { MillraceError } from '../errors/millrace-error';

/** Bytes as text. @throws MillraceError PAYLOAD_UNDECODABLE where they are not UTF-8 */
export function readUtf8(bytes: Uint8Array, where: string): string {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  // What is not UTF-8 becomes this sign; text that holds it by right is rare.
  if (text.includes('\uFFFD') && !isUtf8(bytes))
    throw new MillraceError('PAYLOAD_UNDECODABLE', `${where}, but the body is not valid UTF-8`);
  return text;
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
