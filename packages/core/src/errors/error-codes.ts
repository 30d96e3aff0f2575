/** What the application author can do about an error, and whether the same call may succeed later. */
export interface ErrorCodeEntry {
  /** `true` when nothing has to change before a second try. */
  readonly retryable: boolean;
  /** What it means and what to do. One or two sentences; the same text stands in `docs/errors.md`. */
  readonly help: string;
}

const entry = (retryable: boolean, help: string): ErrorCodeEntry => Object.freeze({ retryable, help });

/** Every code a {@link MillraceError} can carry. `docs/errors.md` lists the same; a test compares the two. */
export const errorCodes = Object.freeze({
  WIRING_INVALID: entry(
    false,
    'Decorators, components and channels do not fit together. The message lists every fault with class, member and remedy; mend them and start again.',
  ),
  CONFIGURATION_INVALID: entry(
    false,
    'The configuration has unknown keys, wrong values or missing parts. The message lists every fault with its path; mend the file or the environment variable it names.',
  ),
  BINDER_FAILED: entry(
    true,
    'The binder could not open a binding: the broker is away, refuses the credentials, or lacks the destination. See `cause`.',
  ),
  BINDER_CONTRACT_BROKEN: entry(
    false,
    'A binder broke a duty of its contract (docs/writing-a-binder.md). Report it to the author of the binder.',
  ),
  CHANNEL_UNKNOWN: entry(
    false,
    'The value is neither a class decorated with @Channel nor a token made by channel(). Decorate the class, or make a token for it.',
  ),
  PAYLOAD_MISMATCH: entry(
    false,
    'The value sent is not an instance of the class of the channel. Send an instance of that class.',
  ),
  PAYLOAD_INVALID: entry(
    false,
    'The payload breaks the rules of its class, schema or version. The message lists what and where. A send of it was refused; a received one goes to the dead letter.',
  ),
  PAYLOAD_UNDECODABLE: entry(
    false,
    'The bytes received are not what the content type promises. They go to the dead letter unchanged, without retries.',
  ),
  TYPE_UNKNOWN: entry(
    false,
    'Several classes share the channel and the type header of the record names none that has a sink here. It goes to the dead letter. Add a sink, or set `type` on the class.',
  ),
  PAYLOAD_TOO_LARGE: entry(
    false,
    'The payload is larger than the limit named in the message. Send less, or raise the limit where the broker allows it.',
  ),
  HEADERS_TOO_MANY: entry(
    false,
    'The record has more headers than `maxHeaders` of its sink. It goes to the dead letter. Raise the limit if it is one of yours.',
  ),
  ENCODING_FAILED: entry(
    false,
    'The payload cannot be written in the content type of its binding. Nothing was sent. See `cause`.',
  ),
  CONTENT_TYPE_UNKNOWN: entry(
    false,
    'No codec is registered for the content type. Register one, or set contentType on the binding.',
  ),
  HEADER_INVALID: entry(
    false,
    'A header name is reserved or a header value cannot be carried. Rename it, or use text, numbers, booleans, dates, bytes, lists or plain objects.',
  ),
  MESSAGE_ID_MISSING: entry(
    false,
    'The message has no id, so an idempotent sink cannot tell whether it has handled it. It goes to the dead letter. Give the sink `messageId`, a function of what tells its messages apart.',
  ),
  INBOX_FAILED: entry(
    true,
    'The inbox of idempotent sinks could not be opened, asked or written. Nothing of the attempt took effect; the message is retried. See `cause`.',
  ),
  SEND_FAILED: entry(
    true,
    'The broker did not take the message; it was not acknowledged. Sending it again is safe. See `cause`.',
  ),
  OUTSIDE_TRANSACTION: entry(
    false,
    'A handler under `exactlyOnce` sent to a channel of another binder, where nothing can be undone with the rest; nothing was sent. Put the channel on the same binder, or send from a sink without `exactlyOnce`.',
  ),
  APPLICATION_STATE: entry(
    false,
    'The call does not fit the state of the application. Start it once, send while it runs.',
  ),
  APPLICATION_STOPPED: entry(false, 'The application or binding is stopping or stopped; nothing was sent.'),
  BATCH_REPORT_INVALID: entry(
    false,
    'A batch handler threw BatchFailed naming an item that is not in the batch. It counts as a failure of the whole batch, whose last attempt goes item by item, so that only the bad ones fail.',
  ),
  HANDLER_TIMEOUT: entry(
    true,
    'A handler ran longer than its `timeout`. Its AbortSignal has fired and the attempt counts as failed. Raise the timeout, or stop on the signal.',
  ),
  HANDLER_REJECTED: entry(
    false,
    'The handler threw Reject: the message goes to the dead letter at once, without retries.',
  ),
  HANDLER_BATCH_FAILED: entry(
    true,
    'The handler threw BatchFailed: the items it names are retried, the others are acknowledged.',
  ),
  WORKER_LOST: entry(
    true,
    'The worker thread that had the message ended: its handler called process.exit, used up its memory, threw where nobody caught it, or did not stop after its timeout; or the thread could not be set up. Nothing of the attempt was sent; the message is retried in another thread. See `cause`.',
  ),
  HANDLER_RETRY_LATER: entry(true, 'The handler threw RetryLater: the message comes again after the delay.'),
} satisfies Record<string, ErrorCodeEntry>);

export type ErrorCode = keyof typeof errorCodes;
