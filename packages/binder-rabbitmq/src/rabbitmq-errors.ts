import { MillraceError } from '@millrace/core/spi';

/** What the errors of the client and the broker have beside their message. */
interface ClientError {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly errors?: unknown;
}

/** The broker was told to end the connection, by an operator or because it goes down: it says nothing about our messages. */
const CONNECTION_FORCED = 320;
/** What the broker says of a mandatory message that no queue wants. */
export const NO_ROUTE = 312;
const ACCESS_REFUSED = 403;
const NOT_FOUND = 404;
const RESOURCE_LOCKED = 405;
const NOT_ALLOWED = 530;

/** What to do without a feature, by the broker's name for it. */
const remedies: Readonly<Record<string, string>> = {
  transient_nonexcl_queues: "say 'expires' in place of 'durableSubscription: false'",
  queue_master_locator: "leave 'x-queue-master-locator' out of 'queueArguments'",
};

/** The broker's reply code, such as 404; `undefined` where the broker has said nothing. */
export function replyCodeOf(error: unknown): number | undefined {
  const { code } = (error ?? {}) as ClientError;
  return typeof code === 'number' ? code : undefined;
}

/** Whether the broker found fault with what was sent, and not with itself or the way to it. */
export function isBlamed(error: unknown): boolean {
  const code = replyCodeOf(error);
  return code !== undefined && code !== CONNECTION_FORCED;
}

/** Whether the exchange is at fault: missing, or not ours to write to. Another message would fare no better. */
export function isExchangeFault(error: unknown): boolean {
  const code = replyCodeOf(error);
  return code === NOT_FOUND || code === ACCESS_REFUSED;
}

/** Whether a message has come back because no queue is bound for it. */
export function isUnroutable(error: unknown): boolean {
  return replyCodeOf((error as { readonly cause?: unknown } | undefined)?.cause) === NO_ROUTE;
}

/** Whether another consumer has the queue for itself. */
export function isTakenByOther(error: unknown): boolean {
  const code = replyCodeOf(error);
  return code === RESOURCE_LOCKED || (code === ACCESS_REFUSED && /exclusive (use|access)/.test(textOf(error)));
}

/** Whether trying again without a change is in vain: wrong password, no such virtual host, missing rights, other arguments. */
export function isPermanent(error: unknown): boolean {
  if (MillraceError.is(error)) return !error.retryable;
  if (isCertificateFault(error) || retiredFeature(error) !== undefined) return true;
  const code = replyCodeOf(error);
  return code !== undefined && code >= 400 && code < 541 && !isTakenByOther(error);
}

/** The limit that the broker has named in refusing a body. */
export function refusedSizeLimit(error: unknown): number | undefined {
  const limit = /message size \d+\D+max size (\d+)/.exec(textOf(error))?.[1];
  return limit === undefined ? undefined : Number(limit);
}

/** The broker's name for what its release or its configuration allows no more; it ends the connection of who asks for it. */
function retiredFeature(error: unknown): string | undefined {
  return /Feature `(\w+)` is deprecated/.exec(textOf(error))?.[1];
}

/** What happened and what to do, in a sentence. Never holds credentials: neither client nor broker repeat them. */
function explain(error: unknown): string {
  const text = textOf(error);
  const code = replyCodeOf(error);
  if (/ACCESS.REFUSED/.test(text) && /[Ll]ogin|authentication/.test(text))
    return "the broker refuses the log-in: check 'url', 'username' and 'password', and that this user may connect from here";
  if (code === NOT_ALLOWED && /vhost/.test(text))
    return `the broker refuses the virtual host (${brokerWords(text)}): create it, allow it to this user, or check 'vhost' and 'url'`;
  if (code === ACCESS_REFUSED && !isTakenByOther(error))
    return `this user lacks a permission: ${brokerWords(text)}; grant it (rabbitmqctl set_permissions)`;
  if (/alert (certificate required|bad certificate|unknown ca)/.test(text))
    return `TLS: the broker does not take this client's certificate, or misses one: check 'ssl.cert' and 'ssl.key' (${text.trim()})`;
  const retired = retiredFeature(error);
  if (retired !== undefined)
    return `the broker does not allow ${retired} any more: ${remedies[retired] ?? 'leave it out'}, or allow it there (deprecated_features.permit.${retired} = true)`;
  if (isCertificateFault(error)) return `TLS: ${text}; name the certificate to trust in 'ssl.ca'`;
  const { code: systemCode } = (error ?? {}) as ClientError;
  if (
    systemCode === 'ECONNREFUSED' ||
    systemCode === 'ENOTFOUND' ||
    systemCode === 'EAI_AGAIN' ||
    /ETIMEDOUT/.test(text)
  )
    return `${text}: no broker answers there; check 'url' and that it runs`;
  if (
    systemCode === 'ECONNRESET' ||
    systemCode === 'EPIPE' ||
    /Heartbeat timeout|Unexpected close|closed abruptly/.test(text)
  )
    return `${text}: the connection is lost; it is opened again`;
  return code === undefined ? text : brokerWords(text);
}

/** `NOT_FOUND - no exchange 'orders' in vhost '/'`, without what the client puts around it. */
function brokerWords(text: string): string {
  return /with message "(.*)"/s.exec(text)?.[1] ?? text;
}

export function sendFailed(exchange: string, cause: unknown): MillraceError {
  if (MillraceError.is(cause)) return cause;
  return new MillraceError('SEND_FAILED', `exchange ${exchange}: ${explain(cause)}`, {
    cause,
    ...(isPermanent(cause) && { retryable: false }),
  });
}

export function bindFailed(what: string, cause: unknown): MillraceError {
  if (MillraceError.is(cause)) return cause;
  return new MillraceError('BINDER_FAILED', `${what}: ${explain(cause)}`, {
    cause,
    ...(isPermanent(cause) && { retryable: false }),
  });
}

/** Of a failed attempt at several addresses of one name Node.js reports all together. */
function textOf(error: unknown): string {
  const { message, errors } = (error ?? {}) as ClientError;
  if (Array.isArray(errors) && errors.length > 0)
    return errors.map((each) => String((each as ClientError).message)).join(', ');
  return typeof message === 'string' && message !== '' ? message : String(error);
}

function isCertificateFault(error: unknown): boolean {
  return /certificate|self.signed|unable to verify|altname|SSL routines/i.test(textOf(error));
}
