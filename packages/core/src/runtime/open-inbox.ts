import { describeError } from '../errors/describe-error';
import type { Inbox, InboxContext } from '../inbox/inbox';
import { MemoryInbox } from '../inbox/memory-inbox';

/** The inbox of an application: opened when the first idempotent sink is, closed with the application. */
export class OpenInbox {
  readonly inbox: Inbox;
  readonly #context: InboxContext;
  readonly #isGiven: boolean;
  #opening: Promise<void> | undefined;

  constructor(given: Inbox | undefined, context: InboxContext) {
    this.inbox = given ?? new MemoryInbox();
    this.#context = context;
    this.#isGiven = given !== undefined;
  }

  /** A failed opening is tried again by the next binding that asks. */
  open(): Promise<void> {
    if (this.#opening !== undefined) return this.#opening;
    const { app, logger } = this.#context;
    if (!this.#isGiven) {
      logger.warn(
        { app },
        'idempotent sinks remember in the memory of this process alone; give Millrace.create an `inbox` that knows what other instances and earlier runs have handled',
      );
    }
    const opening = this.inbox.open(this.#context).catch((cause: unknown) => {
      throw new Error(`the inbox could not be opened: ${describeError(cause).message}`, { cause });
    });
    opening.catch(() => {
      if (this.#opening === opening) this.#opening = undefined;
    });
    this.#opening = opening;
    return opening;
  }

  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    if (opening === undefined) return;
    try {
      await opening;
      await this.inbox.close();
    } catch (error) {
      this.#context.logger.error({ app: this.#context.app, err: error }, 'the inbox failed to close');
    }
  }
}
