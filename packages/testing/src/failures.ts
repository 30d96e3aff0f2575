import type { Application } from '@millrace/core';

/** Something that went wrong in the application, and what became of it. */
export interface Failure {
  /** The binding, such as `orders/baristas`; for a poll the method, such as `Heart.beat`. */
  readonly where: string;
  readonly outcome: 'retried' | 'deadLettered' | 'discarded' | 'pollFailed';
  /** `invalid`: the bytes could not be decoded or validated, so that no handler was called. */
  readonly kind: 'invalid' | 'failed';
  /** What was thrown. */
  readonly error: unknown;
  /** Calls of the handler so far. */
  readonly attempt: number;
  readonly messageId: string | undefined;
}

/** Writes down every failure the application tells of. */
export function noteFailures(application: Application, note: (failure: Failure) => void): void {
  const { events } = application;
  events.on('retry', ({ binding, error, attempt, messageId }) =>
    note({ where: binding, outcome: 'retried', kind: 'failed', error, attempt, messageId }),
  );
  events.on('deadLetter', ({ binding, kind, error, attempts, messageId }) =>
    note({ where: binding, outcome: 'deadLettered', kind, error, attempt: attempts, messageId }),
  );
  events.on('discard', ({ binding, kind, error, attempts, messageId }) =>
    note({ where: binding, outcome: 'discarded', kind, error, attempt: attempts, messageId }),
  );
  events.on('poll', ({ source, error }) => {
    if (error === undefined) return;
    note({ where: source, outcome: 'pollFailed', kind: 'failed', error, attempt: 1, messageId: undefined });
  });
}

/** One error that shows them all, for `settled({ failures: 'throw' })`. */
export function failuresError(failures: readonly Failure[]): AggregateError {
  const lines = failures.map(({ where, outcome, error }) => `  ${where}, ${outcome}: ${String(error)}`);
  const errors = failures.map(({ error }) => error);
  return new AggregateError(errors, `the application had ${failures.length} failures\n${lines.join('\n')}`);
}
