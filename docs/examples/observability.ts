// The code of docs/observability.md: each region is a snippet there; run by observability.test.ts.
import { createServer } from 'node:http';
import type { Application, Logger, Middleware } from '@millrace/core';

// #region counters
export function count(app: Application, metrics: Metrics): void {
  app.events.on('delivery', ({ binding, outcome, durationMs }) =>
    metrics.observe('handled', durationMs, { binding, outcome }),
  );
  app.events.on('retry', ({ binding }) => metrics.increment('retries', { binding }));
  app.events.on('deadLetter', ({ binding, kind, written }) =>
    metrics.increment(written ? 'dead_letters' : 'dead_letters_refused', { binding, kind }),
  );
  app.events.on('send', ({ binding, durationMs, error }) =>
    metrics.observe(error === undefined ? 'sent' : 'send_failed', durationMs, { binding }),
  );
}
// #endregion

export interface Metrics {
  increment(name: string, labels: object): void;
  observe(name: string, value: number, labels: object): void;
}

// #region health
export const healthServer = (app: Application): ReturnType<typeof createServer> =>
  createServer((_request, response) => {
    const health = app.health(); // { status: 'up' | 'degraded' | 'down', bindings, binders }
    response.writeHead(health.status === 'down' ? 503 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(health));
  });
// #endregion

// #region liveness
/** Only what another process would do better: not a broker that is away, nor an outage of what a handler needs. */
export const isAlive = (app: Application): boolean => app.health().bindings.every(({ stalled }) => !stalled);
// #endregion

// #region logger
export class Lines implements Logger {
  readonly lines: string[] = [];
  debug(): void {}
  info(facts: object, message: string): void {
    this.lines.push(`info ${message} ${JSON.stringify(facts)}`);
  }
  warn(facts: object, message: string): void {
    this.lines.push(`warn ${message} ${JSON.stringify(facts)}`);
  }
  error(facts: object, message: string): void {
    this.lines.push(`error ${message} ${JSON.stringify(facts)}`);
  }
}
// #endregion

// #region middleware
export const tenant = (current: () => string): Middleware => ({
  name: 'tenant',
  outbound: (message, _context, next) => next(message.withHeader('tenant', current())),
  inbound: async (message, { owner, signal }, next) => {
    if (message.headers.tenant === undefined) throw new TypeError(`${owner}: a message without tenant`);
    signal.throwIfAborted();
    return next(message);
  },
});
// #endregion
