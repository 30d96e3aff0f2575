/** What can be said of a thrown value, whatever was thrown: errors, strings, `undefined`, objects with cycles. Never throws. */
export interface ErrorDescription {
  /** Class name of the error, or the type of the thrown value: `TypeError`, `string`, `undefined`. */
  readonly name: string;
  /** Its message; for an error with causes, theirs follow, joined by `; `, unless it quotes them itself. */
  readonly message: string;
  readonly stack: string | undefined;
}

const MAX_CAUSES = 5;

export function describeError(thrown: unknown): ErrorDescription {
  try {
    if (!(thrown instanceof Error)) return { name: typeName(thrown), message: plainText(thrown), stack: undefined };
    return { name: className(thrown), message: messages(thrown).join('; '), stack: textOrUndefined(thrown.stack) };
  } catch {
    return { name: 'unknown', message: 'the thrown value cannot be read', stack: undefined };
  }
}

/** The thrown value; an error in its place where it cannot even be looked at, such as a revoked proxy. */
export function readable(thrown: unknown): unknown {
  try {
    void (thrown instanceof Error);
    return thrown;
  } catch {
    return new Error('the thrown value cannot be read');
  }
}

function messages(error: Error): string[] {
  const seen = new Set<unknown>();
  const found: string[] = [];
  let current: unknown = error;
  while (current !== undefined && current !== null && !seen.has(current) && seen.size < MAX_CAUSES) {
    seen.add(current);
    const text = current instanceof Error ? String(current.message) : plainText(current);
    if (text !== '' && !found.some((known) => known.includes(text))) found.push(text);
    current = current instanceof Error ? current.cause : undefined;
  }
  return found.length > 0 ? found : [className(error)];
}

function className(error: Error): string {
  return error.name !== 'Error' && error.name ? String(error.name) : String(error.constructor?.name ?? 'Error');
}

function typeName(value: unknown): string {
  return value === null ? 'null' : typeof value;
}

function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

function textOrUndefined(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
