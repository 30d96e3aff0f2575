import { type ClassConstructor, instanceToPlain, plainToInstance } from 'class-transformer';
import { type ValidationError, validateSync } from 'class-validator';
import type { ChannelToken } from '../channel/channel';
import { describeError } from '../errors/describe-error';
import { MillraceError } from '../errors/millrace-error';
import { flatToPlain, plainToFlat } from './flat-class';
import { isSurelyValid } from './surely-valid';

// Classes without any rule are fine: a channel may carry a class nobody decorated.
const rules = Object.freeze({ forbidUnknownValues: false });

/** Instance → plain object, checked. @throws MillraceError PAYLOAD_INVALID, ENCODING_FAILED */
export function classToPlain(payload: unknown, channel: ChannelToken<unknown>): unknown {
  if (channel.options.validate !== false) validate(payload, channel, 'was not sent');
  try {
    return flatToPlain(payload as object) ?? instanceToPlain(payload);
  } catch (cause) {
    throw new MillraceError(
      'ENCODING_FAILED',
      `${channel.payloadName} for channel '${channel.name}' cannot be written as a plain object`,
      { cause },
    );
  }
}

/** Plain object → instance, checked. @throws MillraceError PAYLOAD_INVALID */
export function plainToClass(plain: unknown, channel: ChannelToken<unknown>): unknown {
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) throw misfit(plain, channel);
  const instance = build(plain, channel);
  if (channel.options.validate !== false) validate(instance, channel, 'was refused');
  return instance;
}

function misfit(plain: unknown, channel: ChannelToken<unknown>): MillraceError {
  const found = plain === null ? 'null' : Array.isArray(plain) ? 'a list' : `a ${typeof plain}`;
  const hint = Array.isArray(plain) ? '. A channel of lists is one of a schema' : '';
  return new MillraceError(
    'PAYLOAD_INVALID',
    `channel '${channel.name}' expects an object of ${channel.payloadName}, but the JSON is ${found}${hint}`,
  );
}

function build(plain: object, channel: ChannelToken<unknown>): unknown {
  try {
    const target = channel.payloadClass as ClassConstructor<object>;
    return plainToFlat(plain, target) ?? plainToInstance(target, plain);
  } catch (cause) {
    throw new MillraceError(
      'PAYLOAD_INVALID',
      `the JSON does not fit ${channel.payloadName}: building it failed with '${describeError(cause).message}'. ` +
        'Its constructor and setters run without arguments when a message is read',
      { cause },
    );
  }
}

function validate(instance: unknown, channel: ChannelToken<unknown>, outcome: string): void {
  const subject = `${channel.payloadName} on channel '${channel.name}' ${outcome}`;
  let errors: readonly ValidationError[];
  try {
    errors = isSurelyValid(instance as object) ? [] : validateSync(instance as object, rules);
  } catch (cause) {
    throw new MillraceError(
      'PAYLOAD_INVALID',
      `${subject}: one of its validators failed with '${describeError(cause).message}'`,
      { cause },
    );
  }
  if (errors.length > 0) throw new MillraceError('PAYLOAD_INVALID', `${subject}: ${describe(errors).join('; ')}`);
}

function describe(errors: readonly ValidationError[], parent = ''): string[] {
  return errors.flatMap((error) => {
    const path = /^\d+$/.test(error.property)
      ? `${parent}[${error.property}]`
      : parent === ''
        ? error.property
        : `${parent}.${error.property}`;
    const own = Object.values(error.constraints ?? {}).map((rule) => (parent === '' ? rule : `${path}: ${rule}`));
    return [...own, ...describe(error.children ?? [], path)];
  });
}
