/** The door for application authors, in the order of a message's way. Binder authors: `@millrace/core/spi`. */

export type { BindingHandle, StopOptions } from './binder/binding-handle';
export {
  type ChannelReference,
  ChannelToken,
  channel,
  type PayloadClass,
  type PayloadKind,
  type PayloadType,
} from './channel/channel';
export type { ChannelOptions, Upcaster } from './channel/channel-options';
export type { SchemaIssue, StandardSchema } from './channel/standard-schema';
export type { Codec } from './codec/codec';
export { fromPlain, toPlain } from './codec/plain-payload';
export type { MillraceConfig } from './config/config-schema';
export { type ConfigExport, defineConfig } from './config/define-config';
export { Channel } from './decorators/channel';
export {
  type BatchHandler,
  type MessageBatchHandler,
  type MessageHandler,
  type PayloadHandler,
  Sink,
} from './decorators/sink';
export { type Output, type PolledSourceDecorator, Source, type SourceDecorator } from './decorators/source';
export { type ErrorCode, type ErrorCodeEntry, errorCodes } from './errors/error-codes';
export { MillraceError, type MillraceErrorOptions } from './errors/millrace-error';
export { BatchFailed, Reject, RetryLater } from './errors/verdicts';
export type { Inbox, InboxAnswer, InboxContext, InboxEntry } from './inbox/inbox';
export { MemoryInbox, type MemoryInboxOptions } from './inbox/memory-inbox';
export {
  deadLetterHeaderNames,
  type HeaderValue,
  headerNames,
  isReservedHeader,
  type MessageHeaders,
} from './message/headers';
export { type Delivery, Message, type MessageOptions } from './message/message';
export type { SendOptions } from './message/send-options';
export type { PollOptions, SinkOptions } from './metadata/stream-metadata';
export type { InboundContext, Middleware, OutboundContext } from './middleware/middleware';
export type { ClassCoding } from './observe/class-coding';
export type { ApplicationState, BindingState, BrakeState, EventName, Listener, MillraceEvents } from './observe/events';
export type { BinderHealth, BindingHealth, Health, HealthStatus, WorkersHealth } from './observe/health';
export type { Logger, LogLevel } from './observe/logger';
export type { ConsumerOptions } from './options/consumer-options';
export type { ProducerOptions } from './options/producer-options';
export { javaHash, javaUuidHash, type KeyValue } from './partition/java-hash';
export { partitionOfHash, springPartition } from './partition/partition';
export type { Application } from './runtime/application';
export { type ApplicationOptions, Millrace } from './runtime/millrace';
export type { WorkerOptions, WorkerParts, WorkersOption } from './runtime/workers/worker-options';
export type { Duration } from './time/duration';
