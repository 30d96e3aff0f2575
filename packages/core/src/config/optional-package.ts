import { MillraceError } from '../errors/millrace-error';

export interface OptionalPackage {
  /** What cannot do without it: `a sink with workers`. */
  readonly need: string;
  readonly name: string;
  /** The major version that fits. */
  readonly version: number;
  /** The `require` of the package that lists it among its peers. ES modules can be required from Node.js 20.19 on. */
  readonly load: (name: string) => unknown;
}

/**
 * A package that only those install who use what needs it.
 *
 * @returns its exports
 * @throws MillraceError CONFIGURATION_INVALID naming the package to install, or saying why it cannot be loaded
 */
export function optionalPackage({ need, name, version, load }: OptionalPackage): unknown {
  try {
    return load(name);
  } catch (cause) {
    const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
    const isMissing = code === 'MODULE_NOT_FOUND' && String(message).includes(name);
    const reason = isMissing ? 'is not installed' : `cannot be loaded (${message})`;
    throw new MillraceError(
      'CONFIGURATION_INVALID',
      `${need} needs the package ${name}, which ${reason}: npm install ${name}@${version}`,
      { cause },
    );
  }
}
