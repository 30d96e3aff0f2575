import { type ClassConstructor, instanceToPlain, plainToInstance } from 'class-transformer';
import { type ValidationError, validateSync } from 'class-validator';
import type { ChannelToken } from '../channel/channel';
import { describeError } from '../errors/describe-error';
import { MillraceError } from '../errors/millrace-error';
import { flatToPlain } from './flat-class';
import { isTooDeep } from './json-depth';
import { classPlans } from './plan/class-plans';
import { type PlannedWork, UNSURE } from './plan/planned-work';

// Classes without any rule are fine: a channel may carry a class nobody decorated.
const rules = Object.freeze({ forbidUnknownValues: false });

/** Instance → plain object, checked. @throws MillraceError PAYLOAD_INVALID, ENCODING_FAILED */
export function classToPlain(payload: unknown, channel: ChannelToken<unknown>): unknown {
  const instance = payload as object;
  if (channel.options.validate !== false)
    validate(instance, classPlans.workOf(instance.constructor), channel, 'was not sent');
  return plainOf(payload, channel);
}

/** Instance → JSON, checked; {@link UNSURE} where the plan of its class does not cover it, but checked all the same. @throws MillraceError PAYLOAD_INVALID */
export function classToJson(payload: unknown, channel: ChannelToken<unknown>): string | typeof UNSURE {
  const instance = payload as object;
  const work = classPlans.workOf(instance.constructor);
  if (channel.options.validate !== false) validate(instance, work, channel, 'was not sent');
  try {
    return work.write(instance, 1) ?? UNSURE;
  } catch {
    // Whoever does it after this throws it again, with its reason.
    return UNSURE;
  }
}

/** What class-transformer makes of an instance. @throws MillraceError ENCODING_FAILED */
export function plainOf(payload: unknown, channel: ChannelToken<unknown>): unknown {
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
  if (!isObject(plain)) throw misfit(plain, channel);
  const planned = plannedInstance(plain, classPlans.workOf(channel.payloadClass));
  const instance = planned === UNSURE ? build(plain, channel) : (planned as object);
  if (channel.options.validate !== false)
    validate(instance, classPlans.workOf(instance.constructor), channel, 'was refused');
  return instance;
}

/**
 * JSON → instance, checked, by the plan of the channel's class; {@link UNSURE} for all that may be wrong with the JSON, and for
 * what the plan does not cover. It looks at each key on its way, so that the text need not be searched for them first.
 *
 * @throws MillraceError PAYLOAD_INVALID
 */
export function jsonToClass(text: string, channel: ChannelToken<unknown>): unknown {
  const work = classPlans.workOf(channel.payloadClass);
  if (!work.hasShape || isTooDeep(text)) return UNSURE;
  let plain: unknown;
  try {
    plain = JSON.parse(text);
  } catch {
    return UNSURE;
  }
  if (!isObject(plain)) return UNSURE;
  const instance = plannedInstance(plain, work);
  // An instance of a plan is of the plan's class, and of none that is derived from it.
  if (instance !== UNSURE && channel.options.validate !== false)
    validate(instance as object, work, channel, 'was refused');
  return instance;
}

function isObject(plain: unknown): plain is object {
  return typeof plain === 'object' && plain !== null && !Array.isArray(plain);
}

function plannedInstance(plain: object, work: PlannedWork): unknown {
  if (Object.getPrototypeOf(plain) !== Object.prototype) return UNSURE;
  try {
    return work.read(plain, 1);
  } catch {
    // Whoever does it after this throws it again, with its reason.
    return UNSURE;
  }
}

function misfit(plain: unknown, channel: ChannelToken<unknown>): MillraceError {
  const found = plain === null ? 'null' : Array.isArray(plain) ? 'a list' : `a ${typeof plain}`;
  const hint = Array.isArray(plain) ? '. A channel of lists is one of a schema' : '';
  return new MillraceError(
    'PAYLOAD_INVALID',
    `channel '${channel.name}' expects an object of ${channel.payloadName}, but the JSON is ${found}${hint}`,
  );
}

function build(plain: object, channel: ChannelToken<unknown>): object {
  try {
    const target = channel.payloadClass as ClassConstructor<object>;
    return plainToInstance(target, plain);
  } catch (cause) {
    throw new MillraceError(
      'PAYLOAD_INVALID',
      `the JSON does not fit ${channel.payloadName}: building it failed with '${describeError(cause).message}'. ` +
        'Its constructor and setters run without arguments when a message is read',
      { cause },
    );
  }
}

function validate(instance: object, work: PlannedWork, channel: ChannelToken<unknown>, outcome: string): void {
  let errors: readonly ValidationError[];
  try {
    if (work.isValid(instance)) return;
    errors = validateSync(instance, rules);
  } catch (cause) {
    throw new MillraceError(
      'PAYLOAD_INVALID',
      `${subjectOf(channel, outcome)}: one of its validators failed with '${describeError(cause).message}'`,
      { cause },
    );
  }
  if (errors.length > 0)
    throw new MillraceError('PAYLOAD_INVALID', `${subjectOf(channel, outcome)}: ${describe(errors).join('; ')}`);
}

function subjectOf(channel: ChannelToken<unknown>, outcome: string): string {
  return `${channel.payloadName} on channel '${channel.name}' ${outcome}`;
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
