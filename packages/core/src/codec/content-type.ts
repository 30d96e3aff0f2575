import { MillraceError } from '../errors/millrace-error';
import { shortened } from '../errors/shortened';
import { headerNames, type MessageHeaders } from '../message/headers';

/**
 * What a message says of its own content type; `undefined` where it says nothing that can be read. Clients that know no
 * header types deliver it as bytes, and Spring puts it in quotes at times.
 */
export function statedContentType(headers: MessageHeaders): string | undefined {
  const stated = headers[headerNames.contentType];
  const text = stated instanceof Uint8Array ? Buffer.from(stated).toString('utf8') : stated;
  if (typeof text !== 'string') return undefined;
  const bare = text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
  return bare.trim() === '' ? undefined : bare;
}

/** `Application/JSON; charset=utf-8` → `application/json`. */
export function mediaType(contentType: string): string {
  const end = contentType.indexOf(';');
  return (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}

const readable: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);

/** @throws MillraceError CONTENT_TYPE_UNKNOWN where the content type names a charset other than UTF-8 */
export function requireUtf8(contentType: string): void {
  if (contentType === 'application/json' || !contentType.includes(';')) return;
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1]?.toLowerCase();
  if (charset === undefined || readable.has(charset)) return;
  throw new MillraceError(
    'CONTENT_TYPE_UNKNOWN',
    `content type '${shortened(contentType)}' has the charset ${shortened(charset)}; text is read and written as UTF-8 only`,
  );
}
