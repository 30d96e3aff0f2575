import type { InboundRecord } from '../binder/record';
import { headerNames } from '../message/headers';

/** Id of the message a record carries; foreign records may have none. */
export function messageIdOf(record: InboundRecord): string | undefined {
  const id = record.headers[headerNames.id];
  return typeof id === 'string' ? id : undefined;
}
