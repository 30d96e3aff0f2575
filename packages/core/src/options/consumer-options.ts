import { z } from 'zod';
import { MAX_DURATION_MS } from '../time/duration';
import { duration } from './duration-schema';
import { errorNames } from './error-match';

const KIBIBYTE = 1024;

/** Seven days. */
const INBOX_WINDOW_MS = 604_800_000;

const backOff = z
  .strictObject({
    initial: duration().default(1_000).describe('Wait before the second attempt.'),
    multiplier: z
      .number()
      .min(1)
      .default(2)
      .describe('Each further wait is this many times the one before; may be fractional.'),
    max: duration().default(10_000).describe('Longest wait.'),
    jitter: z
      .number()
      .min(0)
      .max(1)
      .default(0.2)
      .describe('Share of each wait that is drawn by chance: 0.2 waits 80 % to 100 % of it.'),
  })
  .describe('Waits between attempts. They hold up later messages of the same key or partition, never others.');

const retry = z
  .strictObject({
    maxAttempts: z.number().int().min(1).default(3).describe('Calls of the handler in all; 1 means no retry.'),
    backOff: backOff.prefault({}),
    only: errorNames().optional().describe('Retry these errors alone, by class name; subclasses count. Default: all.'),
    except: errorNames()
      .optional()
      .describe('Never retry these. Where both name an error, the more specific class wins.'),
    delays: z
      .array(duration())
      .default([])
      .describe(
        'Rungs of a delayed retry, after the attempts in place: the message is set aside for each delay in turn, others go on meanwhile, and gets `maxAttempts` calls again.',
      ),
  })
  .describe('What happens when a handler throws.');

const deadLetter = z
  .union([
    z.literal('on'),
    z.literal('discard'),
    z.strictObject({
      destination: z
        .string()
        .min(1)
        .optional()
        .describe('Topic or queue for dead letters, instead of the name the binder gives.'),
      invalidDestination: z
        .string()
        .min(1)
        .optional()
        .describe('Another one for what could not be decoded or validated. Default: the same.'),
      only: errorNames().optional().describe('Keep what failed with these errors alone; the rest is discarded.'),
    }),
  ])
  .describe(
    '`on`: what cannot be handled is kept, with the reason. `discard`: it is thrown away, logged and counted. Broadcast consumers keep nothing.',
  );

const brake = z
  .union([
    z.strictObject({
      failures: z.number().int().min(1).default(10).describe('Failed calls in a row that put it on.'),
      wait: duration().default(1_000).describe('Least time from a failed call to the next one while it is on.'),
    }),
    z.literal(false),
  ])
  .describe(
    'For outages of what the handler needs: after failures in a row one message at a time, until one succeeds. Calls that `retry` would repeat count; `Reject` and `RetryLater` do not. `false`: none.',
  );

const circuitBreaker = z
  .union([
    z.strictObject({
      failures: z.number().int().min(1).default(20).describe('Failed calls in a row that open it.'),
      openFor: duration().default(30_000).describe('How long it stays open before one message is tried.'),
    }),
    z.literal(false),
  ])
  .describe(
    'For longer outages: after failures in a row the binding is paused; then one message is tried, and its success or failure decides. `false`: none.',
  );

const idempotent = z
  .union([
    z.boolean(),
    z.strictObject({
      window: duration()
        .default(INBOX_WINDOW_MS)
        .describe('How long a message is remembered. One that comes again later may be handled again.'),
    }),
  ])
  .describe(
    'Remembers in the inbox of the application which messages were handled, so that one which is delivered again has no second effect. `true` for the defaults. `false`: not remembered.',
  );

const rateLimit = z
  .union([
    z.strictObject({
      messages: z.number().int().min(1).max(1_000_000).describe('Messages in any span of that length.'),
      per: duration().default(1_000).describe('Length of the span.'),
    }),
    z.literal(false),
  ])
  .describe(
    'Most messages handed to handlers in any span of time, repeated calls included, in this instance. `false`: no limit.',
  );

/** What every consumer has, whatever the broker. */
export const consumerOptions = z.strictObject({
  concurrency: z.number().int().min(1).default(1).describe('Handlers that may run at once in this instance.'),
  workers: z
    .union([z.number().int().min(1).max(1_024), z.literal(false)])
    .default(false)
    .describe(
      'Worker threads that decode, validate and handle, one message at a time each; takes the place of `concurrency`. For handlers that compute: one that waits for others gains nothing. `Millrace.create` is told which module a thread loads. `false`: the thread of the application.',
    ),
  ordering: z
    .enum(['partition', 'key', 'none'])
    .default('partition')
    .describe(
      '`partition`: one message of a partition at a time. `key`: messages of one key in order, different keys in parallel; those without a key in any order. `none`: any order.',
    ),
  prefetch: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe(
      'Most messages in hand, running and waiting; bounds the memory. Default: eight for each of `concurrency`, at least 32 and at most 256, or two for each where that is more; at least two batches.',
    ),
  retry: retry.prefault({}),
  deadLetter: deadLetter.default('on'),
  timeout: z
    .union([duration(), z.literal(false)])
    .default(300_000)
    .describe('Longest run of a handler; then its AbortSignal fires and the attempt has failed. `false`: no limit.'),
  brake: brake.default(false),
  circuitBreaker: circuitBreaker.default(false),
  rateLimit: rateLimit.default(false),
  idempotent: idempotent.default(false),
  batch: z
    .strictObject({
      size: z.number().int().min(1).default(100).describe('Most messages handed over at once.'),
      wait: duration().default(100).describe('Longest wait for a batch to fill, from its first message.'),
    })
    .optional()
    .describe('For sinks that take lists; the decorator says which are.'),
  outputs: z
    .enum(['immediate', 'afterSuccess'])
    .optional()
    .describe(
      '`immediate`: what a handler sends through its sources goes out at once. `afterSuccess`: it is checked at once and goes out when the handler has succeeded, so that a failed attempt sends nothing. Default: `afterSuccess` for processors, `immediate` for sinks.',
    ),
  exactlyOnce: z
    .boolean()
    .default(false)
    .describe(
      'What a handler sends, the dead letter, and the end of its message take effect together or not at all, for readers that leave out what was not committed. Only on binders that claim `exactlyOnce`, and for outputs on the same binder. Handlers may still run twice.',
    ),
  assignment: z
    .enum(['group', 'static'])
    .default('group')
    .describe(
      '`group`: the broker shares the partitions among the members. `static`: this instance takes those of its `instance.index`.',
    ),
  maxBytes: z
    .number()
    .int()
    .min(1)
    .default(8 * KIBIBYTE * KIBIBYTE)
    .describe('Largest payload that is decoded, in bytes; a larger one is invalid.'),
  maxHeaders: z
    .number()
    .int()
    .min(1)
    .default(1_000)
    .describe('Most headers of a message that is decoded; one with more is invalid.'),
  health: z
    .strictObject({
      stalledAfter: duration()
        .optional()
        .describe(
          'A message that is worked on for longer makes the binding `down`: all attempts and the waits between them together, but not what is set aside or held by a brake. Default: twice `timeout`, ten minutes without one.',
        ),
      silentAfter: duration()
        .default(60_000)
        .describe('A client that hears nothing from its broker for longer does so too, where the binder can tell.'),
    })
    .prefault({})
    .describe('When the binding counts as alive but not moving.'),
  startPaused: z.boolean().default(false).describe('Bind at start, but take no message until resumed.'),
  native: z.record(z.string(), z.unknown()).default({}).describe("The binder's own options; see its page."),
});

/** As authors write it: everything optional, durations spelled. */
export type ConsumerOptions = z.input<typeof consumerOptions>;

/** As core uses it: complete, durations in milliseconds, frozen. */
export type ConsumerSettings = Readonly<z.output<typeof consumerOptions>>;

/** Twice the longest run of a handler: a message may need a second one. */
export function stalledAfterOf({ health, timeout }: ConsumerSettings): number {
  return health.stalledAfter ?? (timeout === false ? 600_000 : Math.min(MAX_DURATION_MS, timeout * 2));
}

/** For how long an idempotent sink remembers; `undefined` where it is not idempotent. */
export function inboxWindowOf({ idempotent }: ConsumerSettings): number | undefined {
  if (typeof idempotent === 'object') return idempotent.window;
  return idempotent ? INBOX_WINDOW_MS : undefined;
}

/** So many look far enough ahead for handlers whose lanes are taken, unless there are more than half as many handlers. */
const FAR_AHEAD = 256;

/** The number of messages in hand when the author did not choose: enough to keep `concurrency` handlers busy. */
export function prefetchOf(settings: ConsumerSettings): number {
  const { prefetch, concurrency, batch } = settings;
  const ahead = Math.max(Math.min(concurrency * 8, FAR_AHEAD), concurrency * 2);
  return prefetch ?? Math.max(32, ahead, (batch?.size ?? 0) * 2);
}
