import { type ErrorCode, errorCodes } from './error-codes';

const brand = Symbol.for('millrace.error');

export interface MillraceErrorOptions {
  readonly cause?: unknown;
  /** Overrides the code's own answer to "may the same call succeed later?". */
  readonly retryable?: boolean;
}

/**
 * The one error class of Millrace. `code` tells what happened ({@link errorCodes} and `docs/errors.md` say what to do),
 * `cause` what lay behind it. Recognise it with {@link MillraceError.is}: that also works across two copies of the package.
 */
export class MillraceError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly help: string;

  constructor(code: ErrorCode, message: string, options: MillraceErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'MillraceError';
    this.code = code;
    this.retryable = options.retryable ?? errorCodes[code].retryable;
    this.help = errorCodes[code].help;
    Object.defineProperty(this, brand, { value: true });
  }

  static is(value: unknown, code?: ErrorCode): value is MillraceError {
    try {
      if (typeof value !== 'object' || value === null || !(brand in value)) return false;
      return code === undefined || (value as unknown as MillraceError).code === code;
    } catch {
      return false; // A proxy may throw at any look.
    }
  }
}
