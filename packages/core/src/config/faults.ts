import type { ErrorCode } from '../errors/error-codes';
import { MillraceError } from '../errors/millrace-error';

/** Something wrong with wiring or configuration. */
export interface Fault {
  /** `Barista.brew`, `bindings.orders.binder`. */
  readonly where: string;
  readonly problem: string;
  readonly remedy: string;
}

/** Collects faults, so that all are told at once. */
export class Faults {
  readonly #faults: Fault[] = [];

  add(where: string, problem: string, remedy: string): void {
    this.#faults.push({ where, problem, remedy });
  }

  get count(): number {
    return this.#faults.length;
  }

  /** One line for each fault below a headline. */
  describe(subject: string): string {
    const lines = this.#faults.map(({ where, problem, remedy }) => `  - ${where}: ${problem}. ${remedy}${/[.?]$/.test(remedy) ? '' : '.'}`);
    const count = this.#faults.length === 1 ? '1 fault' : `${this.#faults.length} faults`;
    return `${subject} has ${count}:\n${lines.join('\n')}`;
  }

  /** @throws MillraceError with every fault, if there is any */
  throwIfAny(code: Extract<ErrorCode, 'WIRING_INVALID' | 'CONFIGURATION_INVALID'>, subject: string): void {
    if (this.#faults.length > 0) throw new MillraceError(code, this.describe(subject));
  }
}
