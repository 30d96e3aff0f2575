import type { ChannelToken } from '../channel/channel';
import { describeError } from '../errors/describe-error';
import { MillraceError } from '../errors/millrace-error';
import type { KeyValue } from '../partition/java-hash';

/** Reads the key of a payload: the channel's function, or the property path of the channel or of the configuration. */
export type KeyReader = (payload: unknown) => KeyValue | undefined;

/** @param configuredPath wins over the channel's own key: configuration is stronger than code */
export function keyReader(channel: ChannelToken<unknown>, configuredPath: string | undefined): KeyReader {
  const key = configuredPath ?? channel.options.key;
  if (key === undefined) return () => undefined;
  const read = typeof key === 'function' ? key : propertyPath(key);
  return (payload) => {
    const value = readWith(read, payload, channel);
    if (value === undefined || value === null) return undefined;
    if (
      typeof value === 'string' ||
      typeof value === 'number' ||
      typeof value === 'bigint' ||
      typeof value === 'boolean'
    )
      return value;
    throw new MillraceError(
      'PAYLOAD_INVALID',
      `the key of ${channel.payloadName} on channel '${channel.name}' is ${typeof value === 'object' ? 'an object' : `a ${typeof value}`}; it must be text or a number`,
    );
  };
}

function readWith(read: (payload: never) => unknown, payload: unknown, channel: ChannelToken<unknown>): unknown {
  try {
    return read(payload as never);
  } catch (cause) {
    throw new MillraceError(
      'PAYLOAD_INVALID',
      `the key of ${channel.payloadName} on channel '${channel.name}' cannot be read: ${describeError(cause).message}. Nothing was sent`,
      { cause },
    );
  }
}

function propertyPath(path: string): (payload: unknown) => unknown {
  const steps = path.split('.');
  return (payload) =>
    steps.reduce<unknown>((value, step) => (value as Record<string, unknown> | null | undefined)?.[step], payload);
}
