import type { PropertyChecks } from './class-checks';
import type { ClassShape } from './class-shape';
import { PlanSource } from './plan-source';
import type { PlanValues } from './plan-values';
import type { PlannedWork } from './planned-work';

/** Reading and writing by a shape, as code made for it. @throws EvalError where the process may not make code */
export function compiledShape(shape: ClassShape, values: PlanValues): Pick<PlannedWork, 'read' | 'write'> {
  const source = new PlanSource(values);
  return run(source, `${source.read(shape)}\n${source.write(shape)}\nreturn { read, write };`);
}

/** Checking by rules, as code made for them. @throws EvalError where the process may not make code */
export function compiledChecks(
  target: { readonly name: string },
  checks: readonly PropertyChecks[],
  values: PlanValues,
): Pick<PlannedWork, 'isValid'> {
  const source = new PlanSource(values);
  return run(source, `${source.isValid(target.name, checks)}\nreturn { isValid };`);
}

function run<T>({ given }: PlanSource, body: string): T {
  const names = given.map((_, index) => `g${index}`).join();
  const make = new Function('given', `'use strict';\nconst [${names}] = given;\n${body}`) as (
    all: readonly unknown[],
  ) => T;
  return make(given);
}
