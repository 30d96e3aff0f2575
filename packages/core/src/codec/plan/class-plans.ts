import { describeError } from '../../errors/describe-error';
import type { ClassCoding } from '../../observe/class-coding';
import { checksOf } from './class-checks';
import { type ClassShape, nestedIn, type PayloadConstructor, shapeOf } from './class-shape';
import { compiledChecks, compiledShape } from './compiled-plan';
import { interpretedChecks, interpretedShape } from './interpreted-plan';
import { PlanValues } from './plan-values';
import { type PlannedWork, UNSURE } from './planned-work';
import { Uncovered } from './uncovered';

/** The plan of a class, and what came of it. */
interface ClassPlan {
  readonly work: PlannedWork;
  readonly shape: ClassShape | undefined;
  /** What is left to the libraries, and why. */
  readonly uncovered: Uncovered | undefined;
}

const compiling = { shape: compiledShape, checks: compiledChecks };
const interpreting: typeof compiling = { shape: interpretedShape, checks: interpretedChecks };

/** What the libraries are left with. */
const unsure: PlannedWork = Object.freeze({
  hasShape: false,
  read: () => UNSURE,
  write: () => undefined,
  isValid: () => false,
});

/** The plans of all classes met so far. */
export class ClassPlans {
  readonly #plans = new WeakMap<object, ClassPlan>();
  readonly #values = new PlanValues((target) => this.workOf(target));
  readonly #mayCompile: boolean;

  constructor(mayCompile = isCodeAllowed()) {
    this.#mayCompile = mayCompile;
  }

  /** @param target the class; what is none, as a payload may have a `constructor` of its own, has no plan */
  workOf(target: unknown): PlannedWork {
    if (typeof target !== 'function') return unsure;
    return (this.#plans.get(target) ?? this.#make(target)).work;
  }

  /** How a class is read and written, together with the classes that `@Type` names in it. */
  codingOf(target: { readonly name: string }): ClassCoding {
    const { by, reason } = this.#codingOf(target);
    return { payload: target.name, by, reason };
  }

  #codingOf(target: object): Pick<ClassCoding, 'by' | 'reason'> {
    const seen = new Set<object>([target]);
    for (const current of seen) {
      const { uncovered, shape } = this.#plans.get(current) ?? this.#make(current);
      const { name } = current as { readonly name: string };
      if (uncovered !== undefined)
        return { by: 'libraries', reason: current === target ? uncovered.reason : `${name}: ${uncovered.reason}` };
      for (const nested of shape === undefined ? [] : nestedIn(shape)) seen.add(nested);
    }
    return { by: this.#mayCompile ? 'compiled plan' : 'interpreted plan', reason: undefined };
  }

  #make(target: object): ClassPlan {
    const making = this.#mayCompile ? compiling : interpreting;
    const payloadClass = target as PayloadConstructor;
    const checks = found(() => checksOf(payloadClass));
    const shape = found(() => shapeOf(payloadClass, checks instanceof Uncovered ? [] : checks));
    const plan: ClassPlan = {
      work: {
        ...unsure,
        hasShape: !(shape instanceof Uncovered),
        ...(!(shape instanceof Uncovered) && making.shape(shape, this.#values)),
        ...(!(checks instanceof Uncovered) && making.checks(payloadClass, checks, this.#values)),
      },
      shape: shape instanceof Uncovered ? undefined : shape,
      uncovered: [shape, checks].find((part) => part instanceof Uncovered),
    };
    this.#plans.set(target, plan);
    return plan;
  }
}

/** What the libraries fail with, they are to fail with when a message is there. */
function found<T>(look: () => T | Uncovered): T | Uncovered {
  try {
    return look();
  } catch (error) {
    return new Uncovered(describeError(error).message);
  }
}

/** Not under `--disallow-code-generation-from-strings`, nor where a platform forbids it. */
function isCodeAllowed(): boolean {
  try {
    return new Function('return true')() === true;
  } catch {
    return false;
  }
}

/** One for the process: a class has the same plan in every application. */
export const classPlans = new ClassPlans();
