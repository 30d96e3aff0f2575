/** `async brew(order, message)`, `function (order)`, `(order) =>`, `order =>`: named parameters and nothing else. */
const namedParameters = /^(?:async\s+)?(?:function\b\s*)?(?:(?:[\w$]+\s*)?\([\w$,\s]*\)|[\w$]+\s*=>)/;

const known = new WeakMap<object, boolean>();

/** Whether a function might look at its argument of that index: surely not where it names fewer parameters and has no other way. */
export function takesArgument(call: (...args: never[]) => unknown, index: number): boolean {
  if (call.length > index) return true;
  let reachesAll = known.get(call);
  if (reachesAll === undefined) {
    const source = Function.prototype.toString.call(call);
    reachesAll = !namedParameters.test(source) || /\b(?:arguments|eval)\b|\[native code\]/.test(source);
    known.set(call, reachesAll);
  }
  return reachesAll;
}
