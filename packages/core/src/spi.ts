/** The door for binder authors. Application authors need only `@millrace/core`. */
export { z } from 'zod';
export {
  type Binder,
  type BinderContext,
  type BinderModule,
  type BindingRequest,
  type BindingVitals,
  type ConsumerBinding,
  type ConsumerRequest,
  type DeadLetterTarget,
  defineBinder,
  type ProducerBinding,
  type ProducerRequest,
} from './binder/binder';
export { type Capabilities, capabilities } from './binder/capabilities';
export { deadLetterHeaders } from './binder/dead-letter-headers';
export { destinationPattern, isPattern } from './binder/destination-pattern';
export {
  acknowledged,
  type DeadLetter,
  type Deliver,
  type InboundRecord,
  type OutboundRecord,
  type Settlement,
  settlements,
  type UnitOfWork,
} from './binder/record';
export { type SourceMark, sourceMark } from './binder/source-mark';
export { isTooDeep, MAX_JSON_DEPTH } from './codec/json-depth';
export { textOf } from './codec/utf8';
export { type OptionalPackage, optionalPackage } from './config/optional-package';
export { type Linked, LinkedQueue } from './dispatch/linked-queue';
export { type ErrorCode, errorCodes } from './errors/error-codes';
export { MillraceError } from './errors/millrace-error';
export {
  deadLetterHeaderNames,
  type HeaderValue,
  headerNames,
  isReservedHeader,
  type MessageHeaders,
} from './message/headers';
export type { Logger } from './observe/logger';
export { parseOptions } from './options/parse-options';
export { tlsOptions, tlsSettings } from './options/tls-options';
export { type Duration, MAX_DURATION_MS, parseDuration } from './time/duration';
export { finishedWithin } from './time/within';
