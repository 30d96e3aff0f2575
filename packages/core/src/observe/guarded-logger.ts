import type { Logger } from './logger';

type Level = keyof Logger;

/** A logger that fails, fails alone: no message, no binding and no stop depends on it. */
export function guardedLogger(logger: Logger): Logger {
  const guarded =
    (level: Level): Logger[Level] =>
    (facts, message) => {
      try {
        logger[level](facts, message);
      } catch {
        // There is nobody left to tell.
      }
    };
  return Object.freeze({
    debug: guarded('debug'),
    info: guarded('info'),
    warn: guarded('warn'),
    error: guarded('error'),
  });
}
