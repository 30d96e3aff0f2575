/** What a header may hold. Binders carry each kind to the broker and back (see {@link MessageHeaders}). */
export type HeaderValue =
  | string
  | number
  | boolean
  | null
  | Date
  | Uint8Array
  | readonly HeaderValue[]
  | { readonly [name: string]: HeaderValue };

/** Facts beside the payload. Frozen: copy with `message.withHeader(name, value)`. Names are case-sensitive. */
export type MessageHeaders = Readonly<Record<string, HeaderValue>>;

/** Header names with a meaning to Millrace. Binders may carry one in a field of the broker's own (AMQP `content_type`). */
export const headerNames = Object.freeze({
  /** Media type of the payload: `application/json`. Spring Cloud Stream's name. */
  contentType: 'contentType',
  /** The conversation a message belongs to; follows every send made inside a handler. */
  correlationId: 'correlationId',
  /** Unique id of the message, kept through retry, delay and dead letter. */
  id: 'millrace_id',
  /** Id of the message whose handling caused this one. */
  causationId: 'millrace_causationId',
  /** Tells several classes on one channel apart. */
  type: 'millrace_type',
  /** Version of the payload's shape, where its class has one. */
  version: 'millrace_version',
  /** Handler calls already made for this record before it was parked for a delayed retry. */
  attempts: 'millrace_attempts',
  /** Rungs of the delayed retry already used. */
  rungs: 'millrace_rungs',
  /** W3C trace context, passed through raw. */
  traceparent: 'traceparent',
  tracestate: 'tracestate',
  baggage: 'baggage',
});

/** Added to dead letters; names and meaning as Spring Cloud Stream writes them, and Millrace's own beside them. */
export const deadLetterHeaderNames = Object.freeze({
  originalDestination: 'x-original-topic',
  originalPartition: 'x-original-partition',
  originalPosition: 'x-original-offset',
  originalTimestamp: 'x-original-timestamp',
  errorName: 'x-exception-fqcn',
  errorMessage: 'x-exception-message',
  errorStack: 'x-exception-stacktrace',
  /** `invalid` (could not be decoded or validated) or `failed` (the handler gave up). */
  kind: 'millrace_deadLetterKind',
  code: 'millrace_deadLetterCode',
  attempts: 'millrace_deadLetterAttempts',
  time: 'millrace_deadLetterTime',
  group: 'millrace_deadLetterGroup',
  binding: 'millrace_deadLetterBinding',
  host: 'millrace_deadLetterHost',
});

const reservedPrefixes = [
  'millrace_',
  'scst_',
  'kafka_',
  'amqp_',
  'x-original-',
  'x-exception-',
  'x-death',
  'spring_json_header_types',
];

/**
 * The rule for reserved names: whatever starts with the prefix of Millrace, of a broker's client or of a dead letter belongs
 * to the transport. Applications cannot set such a header, and it is not forwarded from an input to an output.
 */
export function isReservedHeader(name: string): boolean {
  return reservedPrefixes.some((prefix) => name.startsWith(prefix));
}
