import { isUtf8 } from 'node:buffer';
import { type ClassConstructor, instanceToPlain, plainToInstance } from 'class-transformer';
import { type ValidationError, validateSync } from 'class-validator';
import type { ChannelToken } from '../channel/channel';
import { MillraceError } from '../errors/millrace-error';
import type { Codec } from './codec';

/** JSON in UTF-8, as RFC 8259: class-transformer builds the class, class-validator checks it, on the way in and on the way out. */
export const jsonCodec: Codec = Object.freeze({
  contentTypes: ['application/json'],

  encode(payload: unknown, channel: ChannelToken<unknown>): Uint8Array {
    validate(payload, channel, 'was not sent');
    try {
      return Buffer.from(JSON.stringify(instanceToPlain(payload)), 'utf8');
    } catch (cause) {
      throw new MillraceError('ENCODING_FAILED', `${channel.payloadName} for channel '${channel.name}' cannot be written as JSON`, { cause });
    }
  },

  decode(bytes: Uint8Array, channel: ChannelToken<unknown>): unknown {
    const plain = parse(bytes, channel);
    const instance = build(plain, channel);
    validate(instance, channel, 'was refused');
    return instance;
  },
});

function parse(bytes: Uint8Array, channel: ChannelToken<unknown>): unknown {
  const where = `channel '${channel.name}' expects JSON of ${channel.payloadName}`;
  if (bytes.byteLength === 0) throw new MillraceError('PAYLOAD_UNDECODABLE', `${where}, but the body is empty`);
  if (!isUtf8(bytes)) throw new MillraceError('PAYLOAD_UNDECODABLE', `${where}, but the body is not valid UTF-8`);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  try {
    return maySpellProto(text) ? JSON.parse(text, refuseProto) : JSON.parse(text);
  } catch (cause) {
    if (MillraceError.is(cause)) throw cause;
    throw new MillraceError('PAYLOAD_UNDECODABLE', `${where}, but the body is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** A plain look at the text is far cheaper than a reviver on every message; escapes are let through to the exact check. */
function maySpellProto(text: string): boolean {
  return text.includes('__proto__') || text.includes('\\u005f') || text.includes('\\u005F');
}

function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new MillraceError('PAYLOAD_UNDECODABLE', "the JSON has a '__proto__' key, which is never accepted");
  return value;
}

function build(plain: unknown, channel: ChannelToken<unknown>): unknown {
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) {
    const found = plain === null ? 'null' : Array.isArray(plain) ? 'a list' : `a ${typeof plain}`;
    throw new MillraceError('PAYLOAD_INVALID', `channel '${channel.name}' expects an object of ${channel.payloadName}, but the JSON is ${found}`);
  }
  try {
    return plainToInstance(channel.payloadClass as ClassConstructor<unknown>, plain);
  } catch (cause) {
    throw new MillraceError(
      'PAYLOAD_INVALID',
      `the JSON does not fit ${channel.payloadName}: building it failed with '${cause instanceof Error ? cause.message : String(cause)}'. ` +
        'Its constructor and setters run without arguments when a message is read',
      { cause },
    );
  }
}

function validate(instance: unknown, channel: ChannelToken<unknown>, outcome: string): void {
  // Classes without any rule are fine: a channel may carry a class nobody decorated.
  const errors = validateSync(instance as object, { forbidUnknownValues: false });
  if (errors.length === 0) return;
  throw new MillraceError('PAYLOAD_INVALID', `${channel.payloadName} on channel '${channel.name}' ${outcome}: ${describe(errors).join('; ')}`);
}

function describe(errors: readonly ValidationError[], parent = ''): string[] {
  return errors.flatMap((error) => {
    const path = /^\d+$/.test(error.property) ? `${parent}[${error.property}]` : parent === '' ? error.property : `${parent}.${error.property}`;
    const own = Object.values(error.constraints ?? {}).map((rule) => (parent === '' ? rule : `${path}: ${rule}`));
    return [...own, ...describe(error.children ?? [], path)];
  });
}
