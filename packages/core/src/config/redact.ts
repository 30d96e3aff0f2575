const MASK = '***';

const secretName =
  /passw(or)?d|passphrase|^pass$|secret|token|credential|sasl|api-?key|access-?key|private-?key|^pfx$|^auth$|authorization/i;
const userInfo = /:\/\/[^\s/?#]*@/g;
const assignment =
  /((?:passw(?:or)?d|passphrase|secret|token|api[-_]?key|access[-_]?key|credentials?)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s&;,"']+)/gi;
const pem = /-----BEGIN [^-]+-----[\s\S]*?(?:-----END [^-]+-----|$)/g;

/** Whether what stands under a key of that name is a secret, whatever it is. */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}

/** Masks user and password of URLs, `password=…`, and keys in PEM. */
export function redactText(text: string): string {
  return text.replace(pem, MASK).replace(userInfo, `://${MASK}@`).replace(assignment, `$1${MASK}`);
}

/**
 * A copy that may be printed: what stands under names such as `password`, `secret`, `token` or `sasl` is masked, and so are
 * secrets inside text, bytes, and whatever is not plain data.
 */
export function redact(value: unknown): unknown {
  return copyOf(value, new Set());
}

function copyOf(value: unknown, above: ReadonlySet<object>): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'function') return '[function]';
  if (typeof value !== 'object' || value === null) return value;
  if (above.has(value)) return '[circular]';
  const within = new Set(above).add(value);
  if (Array.isArray(value)) return value.map((item) => copyOf(item, within));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return `[${value.constructor?.name ?? 'object'}]`;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      isSecretName(name) && item != null ? MASK : copyOf(item, within),
    ]),
  );
}
