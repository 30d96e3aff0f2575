import { MillraceError } from '@millrace/core/spi';
import { packageFor } from './client/kafka-compression';

/** What the errors of the client and the broker have beside their message. */
interface ClientError {
  readonly name?: unknown;
  readonly type?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly retriable?: unknown;
  /** Where the port has added it. */
  readonly topic?: unknown;
}

const remedies: Readonly<Record<string, string>> = {
  UNKNOWN_TOPIC_OR_PARTITION:
    "the topic, or the partition, does not exist: create it, or let the binder do so with 'provision: auto'",
  INVALID_TOPIC_EXCEPTION: 'the broker refuses the name of the topic',
  TOPIC_AUTHORIZATION_FAILED: 'this user may not use the topic: grant it in the ACLs of the broker',
  GROUP_AUTHORIZATION_FAILED: 'this user may not use the group: grant it in the ACLs of the broker',
  CLUSTER_AUTHORIZATION_FAILED: 'this user may not do so: grant it in the ACLs of the broker',
  MESSAGE_TOO_LARGE: "the record is larger than the topic's max.message.bytes: send less, or raise it",
  RECORD_LIST_TOO_LARGE: "the record is larger than the topic's segment.bytes: send less, or raise it",
  LEADER_NOT_AVAILABLE: 'a partition has no leader: the brokers that hold its copies are away',
  NOT_ENOUGH_REPLICAS: 'too few replicas are in sync (min.insync.replicas)',
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: 'too few replicas are in sync (min.insync.replicas)',
  INVALID_REPLICATION_FACTOR: 'fewer brokers than copies: lower replicationFactor',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    'this user may not use the transactional id: grant its prefix in the ACLs of the broker',
  INVALID_TRANSACTION_TIMEOUT: "transactionTimeout is above the broker's transaction.max.timeout.ms",
  INVALID_PRODUCER_EPOCH:
    'another has taken the transactional id of the partition, or the broker has ended the transaction',
  INVALID_CONFIG: 'a setting of the topic is not known to the broker, or has a wrong value',
  POLICY_VIOLATION: "the broker's policy forbids the topic",
  INCONSISTENT_GROUP_PROTOCOL: 'other members of the group use another kind of assignment; this binder uses range',
  INVALID_SESSION_TIMEOUT:
    "sessionTimeout is outside the broker's group.min.session.timeout.ms and group.max.session.timeout.ms",
};

/** The innermost error that says what happened, below the client's "retries exceeded". */
function rootOf(error: unknown): ClientError {
  return chainOf(error).at(-1) ?? {};
}

/** The error, its cause, the cause of that and so on. */
function chainOf(error: unknown): ClientError[] {
  const chain: ClientError[] = [];
  for (let each = error; typeof each === 'object' && each !== null && chain.length <= 10; ) {
    chain.push(each);
    const { cause, errors } = each as ClientError;
    each = Array.isArray(errors) && errors.length > 0 ? errors[0] : cause;
  }
  return chain;
}

/** The broker's name for the error, such as `MESSAGE_TOO_LARGE`. */
export function typeOf(error: unknown): string | undefined {
  for (const { type } of [rootOf(error), (error ?? {}) as ClientError]) if (typeof type === 'string') return type;
  return undefined;
}

/** Whether the connection, or the client itself, is at fault and not the request: a new one may do better. */
export function isConnectionTrouble(error: unknown): boolean {
  return !isPermanent(error) && typeOf(error) === undefined;
}

/** Whether trying again without a change is in vain: wrong password, untrusted certificate, missing rights. */
export function isPermanent(error: unknown): boolean {
  if (MillraceError.is(error)) return !error.retryable;
  const { message } = rootOf(error);
  if (isLoginRefused(error)) return true;
  if (isCertificateFault(message)) return true;
  const type = typeOf(error);
  return type !== undefined && /AUTHORIZATION_FAILED|INVALID_|INCONSISTENT_|UNSUPPORTED/.test(type);
}

/** Whether the same request may succeed later: a connection that can come back, a leader that can be found. */
export function isPassing(error: unknown): boolean {
  return isConnectionTrouble(error) || (!isPermanent(error) && rootOf(error).retriable === true);
}

const refusals: ReadonlySet<string> = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TIMESTAMP',
  'INVALID_RECORD',
  'INVALID_TOPIC_EXCEPTION',
  'TOPIC_AUTHORIZATION_FAILED',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'UNSUPPORTED_COMPRESSION_TYPE',
  'POLICY_VIOLATION',
]);

/** Whether it is the record that the broker does not take, and not the transaction it is in. */
export function isRefusal(error: unknown): boolean {
  const type = typeOf(error);
  return type !== undefined && refusals.has(type);
}

/** Whether the group does not know the member any more. */
export function isOutcast(error: unknown): boolean {
  const type = typeOf(error);
  return type === 'UNKNOWN_MEMBER_ID' || type === 'ILLEGAL_GENERATION' || type === 'FENCED_INSTANCE_ID';
}

export function isTooLarge(error: unknown): boolean {
  const type = typeOf(error);
  return type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE';
}

/** Of several, the one that the caller can do something about: what is too large goes alone. */
export function worstOf(faults: readonly unknown[]): unknown {
  return faults.find(isTooLarge) ?? faults[0];
}

/** What happened and what to do, in a sentence. Never holds credentials: the client puts none into its messages. */
function explain(error: unknown): string {
  const { name, message, code } = rootOf(error);
  const text = typeof message === 'string' && message !== '' ? message : String(name ?? error);
  const type = typeOf(error);
  const topic = chainOf(error).find((each) => typeof each.topic === 'string')?.topic;
  if (type !== undefined && remedies[type] !== undefined)
    return `${topic === undefined ? '' : `topic ${topic}: `}${type}: ${remedies[type]}`;
  if (isLoginRefused(error))
    return `the broker refuses the log-in: check mechanism, username and password of 'sasl' (${text})`;
  if (isCertificateFault(message)) return `TLS: ${text}; name the certificate to trust in 'ssl.ca'`;
  const wanted = packageFor(text);
  if (wanted !== undefined) return `a record is compressed with a codec that is not installed: npm install ${wanted}`;
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN' || text === 'Connection timeout')
    return `${text}: no broker answers there; check 'brokers' and that it runs`;
  return type !== undefined && !text.includes(type) ? `${type}: ${text}` : text;
}

export function sendFailed(topic: string, cause: unknown): MillraceError {
  if (isTooLarge(cause)) return new MillraceError('PAYLOAD_TOO_LARGE', `topic ${topic}: ${explain(cause)}`, { cause });
  return new MillraceError('SEND_FAILED', `topic ${topic}: ${explain(cause)}`, {
    cause,
    ...(isPermanent(cause) && { retryable: false }),
  });
}

/** `cause`: the last trouble, where there was any; without, the broker was silent. Either way it may still have the record. */
export function sendTimedOut(topic: string, timeoutMs: number, cause: Error | undefined): MillraceError {
  const reason = cause === undefined ? `topic ${topic}: the broker does not answer` : cause.message;
  return new MillraceError('SEND_FAILED', `${reason} (not confirmed within sendTimeout, ${timeoutMs} ms)`, { cause });
}

export function transactionFailed(
  binding: string,
  { topic, partition }: { readonly topic: string; readonly partition: number },
  cause: unknown,
): MillraceError {
  return new MillraceError('BINDER_FAILED', `${binding}: transaction of ${topic}/${partition}: ${explain(cause)}`, {
    cause,
  });
}

export function bindFailed(what: string, cause: unknown): MillraceError {
  if (MillraceError.is(cause)) return cause;
  return new MillraceError('BINDER_FAILED', `${what}: ${explain(cause)}`, {
    cause,
    ...(isPermanent(cause) && { retryable: false }),
  });
}

/** kafkajs names the class of the error, others the broker's name for it. */
function isLoginRefused(error: unknown): boolean {
  return rootOf(error).name === 'KafkaJSSASLAuthenticationError' || typeOf(error) === 'SASL_AUTHENTICATION_FAILED';
}

function isCertificateFault(message: unknown): boolean {
  return typeof message === 'string' && /certificate|self.signed|unable to verify|altname|SSL routines/i.test(message);
}
