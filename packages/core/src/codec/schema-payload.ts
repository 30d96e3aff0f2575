import { types } from 'node:util';
import type { ChannelToken } from '../channel/channel';
import type { SchemaIssue, SchemaResult, StandardSchema } from '../channel/standard-schema';
import { describeError } from '../errors/describe-error';
import { MillraceError } from '../errors/millrace-error';

/**
 * Asks the channel's schema about a plain value; gives what the schema makes of it. A Promise only where the schema is
 * asynchronous.
 *
 * @throws MillraceError PAYLOAD_INVALID
 */
export function checkBySchema(plain: unknown, channel: ChannelToken<unknown>, outcome: string): unknown {
  const schema = channel.schema as StandardSchema;
  let result: SchemaResult<unknown> | Promise<SchemaResult<unknown>>;
  try {
    result = schema['~standard'].validate(plain);
  } catch (cause) {
    throw failed(channel, outcome, cause);
  }
  if (!types.isPromise(result)) return resultOf(result, channel, outcome);
  return result.then(
    (settled) => resultOf(settled, channel, outcome),
    (cause: unknown) => {
      throw failed(channel, outcome, cause);
    },
  );
}

function resultOf(result: SchemaResult<unknown>, channel: ChannelToken<unknown>, outcome: string): unknown {
  if (result.issues === undefined) return result.value;
  throw new MillraceError('PAYLOAD_INVALID', `${subject(channel, outcome)}: ${result.issues.map(describe).join('; ')}`);
}

function failed(channel: ChannelToken<unknown>, outcome: string, cause: unknown): MillraceError {
  return new MillraceError(
    'PAYLOAD_INVALID',
    `${subject(channel, outcome)}: the schema itself failed with '${describeError(cause).message}'`,
    { cause },
  );
}

function subject(channel: ChannelToken<unknown>, outcome: string): string {
  return `the payload on channel '${channel.name}' ${outcome} by its ${channel.payloadName}`;
}

/** `items[0].price: must be positive`. */
function describe({ path = [], message }: SchemaIssue): string {
  const steps = path.map((step) => (typeof step === 'object' ? step.key : step));
  const place = steps
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${String(step)}`))
    .join('');
  return place === '' ? message : `${place}: ${message}`;
}
