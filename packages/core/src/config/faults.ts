import type { ErrorCode } from '../errors/error-codes';
import { MillraceError } from '../errors/millrace-error';
import type { Origin } from './origin';

/** Something wrong with wiring or configuration. */
export interface Fault {
  /** `Barista.brew`, `bindings.orders.binder`. */
  readonly where: string;
  readonly problem: string;
  readonly remedy: string;
}

/** One sentence, and the remedy as a second one. */
export function faultText({ where, problem, remedy }: Fault, place?: string): string {
  return `${where}${place === undefined ? '' : ` (${place})`}: ${problem}. ${remedy}${/[.?]$/.test(remedy) ? '' : '.'}`;
}

/** Collects faults, so that all are told at once. */
export class Faults {
  /** Where the values came from, if they are those of a configuration. */
  readonly origin: Origin | undefined;
  readonly #faults: Fault[] = [];

  constructor(origin?: Origin) {
    this.origin = origin;
  }

  /** The same fault may be met on several ways; it is told once. */
  add(where: string, problem: string, remedy: string): void {
    const isKnown = this.#faults.some((fault) => fault.where === where && fault.problem === problem);
    if (!isKnown) this.#faults.push({ where, problem, remedy });
  }

  get count(): number {
    return this.#faults.length;
  }

  /** Whether something is told of that place already. */
  tells(where: string): boolean {
    return this.#faults.some((fault) => fault.where === where);
  }

  /** One line for each fault below a headline. */
  describe(subject: string): string {
    const lines = this.#faults.map((fault) => `  - ${faultText(fault, this.origin?.placeOf(fault.where))}`);
    const count = this.#faults.length === 1 ? '1 fault' : `${this.#faults.length} faults`;
    return `${subject} has ${count}:\n${lines.join('\n')}`;
  }

  /** @throws MillraceError with every fault, if there is any */
  throwIfAny(code: Extract<ErrorCode, 'WIRING_INVALID' | 'CONFIGURATION_INVALID'>, subject: string): void {
    if (this.#faults.length > 0) throw new MillraceError(code, this.describe(subject));
  }
}
