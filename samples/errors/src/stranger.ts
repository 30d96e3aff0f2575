import { channel, Source } from '@millrace/core';
import { injectable } from 'inversify';

/** Claims to carry JSON, and carries whatever it is given. Configuration points it to where the clerk reads. */
const Letterbox = channel('letterbox', 'bytes', { contentType: 'application/json' });

/** Somebody who knows where to send to, and nothing of what is expected there. */
@injectable()
export class Stranger {
  constructor(@Source(Letterbox) private readonly letterbox: Source<Uint8Array>) {}

  async scribble(text: string, key: string): Promise<void> {
    await this.letterbox.send(Buffer.from(text, 'utf8'), { key });
  }
}
