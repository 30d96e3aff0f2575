import { channel, type Message, deadLetterHeaderNames as names, Sink } from '@millrace/core';
import { injectable } from 'inversify';
import { Story } from './story';

/** Dead letters as bytes, because some of them are no parcels. */
const Returned = channel('returned', 'bytes');

/** A dead letter is a message like any other: the bytes as they came, and the reason in headers. */
@injectable()
export class ReturnsDesk {
  constructor(private readonly story: Story) {}

  @Sink(Returned, { group: 'returns-desk' })
  take(bytes: Uint8Array, { headers }: Message<Uint8Array>): void {
    this.story.returned({
      kind: String(headers[names.kind]),
      reason: String(headers[names.errorMessage]),
      attempts: Number(headers[names.attempts]),
      destination: String(headers[names.originalDestination]),
      text: Buffer.from(bytes).toString('utf8'),
    });
  }
}
