import type { PlatformaticLibrary } from './platformatic-library';

/** An error of a broker as kafka-errors.ts knows them: by the broker's name for it. */
export function refused(
  { protocolErrors, protocolErrorsCodesById }: PlatformaticLibrary,
  code: number,
  topic: string,
  detail?: string | null,
): Error {
  const type = protocolErrorsCodesById[code] ?? `UNKNOWN_ERROR_${code}`;
  const known = protocolErrors[type];
  return Object.assign(new Error(detail ?? known?.message ?? type), {
    type,
    retriable: known?.canRetry ?? false,
    topic,
  });
}

/** Nobody can be asked to write it, at the moment. */
export function withoutLeader(topic: string, partition: number): Error {
  return Object.assign(new Error(`partition ${partition} has no leader`), {
    type: 'LEADER_NOT_AVAILABLE',
    retriable: true,
    topic,
  });
}

export function withoutPartition(topic: string, partition: number | undefined): Error {
  return Object.assign(new Error(`no partition ${partition}`), {
    type: 'UNKNOWN_TOPIC_OR_PARTITION',
    retriable: true,
    topic,
  });
}

/** The same for a connection that was refused by name: a log-in. Other errors stay what they are. */
export function faultOf(error: unknown): unknown {
  for (let each = error, depth = 0; typeof each === 'object' && each !== null && depth < 10; depth += 1) {
    const { apiId, canRetry, message, cause, errors } = each as Named;
    if (typeof apiId === 'string')
      return Object.assign(new Error(message), { type: apiId, retriable: canRetry === true });
    each = errors?.[0] ?? cause;
  }
  return error;
}

interface Named {
  readonly apiId?: unknown;
  readonly canRetry?: unknown;
  readonly message?: string;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
}
