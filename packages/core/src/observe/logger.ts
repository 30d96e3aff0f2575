import pino from 'pino';

/** Any logger of pino's shape: facts first, then the sentence. */
export interface Logger {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** JSON lines on standard output through pino. */
export function defaultLogger(app: string, level: LogLevel): Logger {
  return pino({ name: app, level });
}

const nothing = (): void => undefined;

export const silentLogger: Logger = Object.freeze({ debug: nothing, info: nothing, warn: nothing, error: nothing });
