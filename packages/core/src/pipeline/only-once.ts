import { createHash } from 'node:crypto';
import { describeError } from '../errors/describe-error';
import { MillraceError } from '../errors/millrace-error';
import type { Inbox, InboxAnswer, InboxEntry } from '../inbox/inbox';
import { type Output, readOutputs } from '../inbox/kept-outputs';
import type { Message } from '../message/message';
import { allSent } from './all-sent';
import { Invalid } from './decode-limited';
import type { HandlerRoute } from './handler-route';
import type { Attempt } from './message-context';

export interface OnlyOnceParts {
  /** The binding, `orders/baristas`. */
  readonly consumer: string;
  readonly windowMs: number;
  readonly inbox: Inbox;
  /** Sends what an earlier attempt has left behind. */
  readonly resend: (output: Output) => Promise<void>;
}

/** Longer ids, and those that a store could not keep as text, are kept as their hash. */
const MAX_ID = 200;

/** The attempts of an idempotent sink: of all attempts for one message the effects of one remain. */
export class OnlyOnce {
  readonly #parts: OnlyOnceParts;

  constructor(parts: OnlyOnceParts) {
    this.#parts = parts;
  }

  /** @throws Invalid when the message cannot be told from others */
  entryOf(route: HandlerRoute, message: Message<unknown>): InboxEntry {
    const { consumer, windowMs } = this.#parts;
    const given = route.messageId === undefined ? message.id : route.messageId(message);
    const id = typeof given === 'number' || typeof given === 'bigint' ? String(given) : given;
    if (typeof id === 'string' && id !== '') return { consumer, windowMs, messageId: keepable(id) };
    throw new Invalid(
      new MillraceError(
        'MESSAGE_ID_MISSING',
        `${route.owner} is idempotent, but the message has no id to know it by${route.messageId === undefined ? '' : ': `messageId` of the sink gave none'}`,
      ),
    );
  }

  /** Does the work unless it has been done. @throws what the work throws, or INBOX_FAILED */
  async run(entry: InboxEntry, attempt: Attempt, work: () => Promise<void>, signal: AbortSignal): Promise<InboxAnswer> {
    let failure: { readonly thrown: unknown } | undefined;
    const watched = async (): Promise<string | undefined> => {
      try {
        await work();
        return attempt.seal();
      } catch (thrown) {
        failure = { thrown };
        throw thrown;
      }
    };
    try {
      return await this.#parts.inbox.once(entry, watched, signal);
    } catch (error) {
      if (failure !== undefined) throw failure.thrown;
      throw this.#failed(error);
    }
  }

  /** Sends the outputs: those of this attempt, or those that an earlier one has left behind. */
  async send(entry: InboxEntry, { isDuplicate, outputs }: InboxAnswer, attempt: Attempt): Promise<void> {
    if (outputs === undefined) return;
    if (isDuplicate) await this.#resend(readOutputs(outputs));
    else await attempt.release();
    try {
      await this.#parts.inbox.sent(entry);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  async #resend(outputs: readonly Output[]): Promise<void> {
    await allSent(outputs.map((output) => this.#parts.resend(output)));
  }

  #failed(cause: unknown): MillraceError {
    const reason = describeError(cause).message;
    return new MillraceError('INBOX_FAILED', `the inbox of '${this.#parts.consumer}' failed: ${reason}`, { cause });
  }
}

function keepable(id: string): string {
  const isText = !id.includes('\u0000') && Buffer.from(id).toString() === id;
  if (id.length <= MAX_ID && isText) return id;
  return `sha256:${createHash('sha256').update(Buffer.from(id, 'utf16le')).digest('hex')}`;
}
