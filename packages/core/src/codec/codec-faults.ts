import type { ChannelToken } from '../channel/channel';
import { describeError } from '../errors/describe-error';
import { asyncValidatorsOf } from './async-validators';
import type { CodecFault } from './codec-fault';
import type { CodecRegistry } from './codec-registry';
import { upcastFaults } from './upcast-faults';

/** What can be told before the first message: of the class or schema, of versions, of the content type. */
export function codecFaults(channel: ChannelToken<unknown>, use: 'send' | 'receive'): readonly CodecFault[] {
  const faults = [...upcastFaults(channel)];
  if (channel.kind === 'schema' && channel.options.validate === false) {
    faults.push({
      problem: `channel '${channel.name}' has a schema and validate: false, but a schema is what makes the payload`,
      remedy: "Leave out 'validate'",
    });
  }
  if (channel.payloadClass !== undefined) faults.push(...classFaults(channel, channel.payloadClass, use));
  return faults;
}

/** The same, and a content type that no codec of the application serves. */
export function channelFaults(
  channel: ChannelToken<unknown>,
  use: 'send' | 'receive',
  contentType: string | undefined,
  codecs: CodecRegistry,
): readonly CodecFault[] {
  const fault = contentTypeFault(contentType ?? channel.contentType, channel, codecs);
  return fault === undefined ? codecFaults(channel, use) : [...codecFaults(channel, use), fault];
}

/** A content type that no codec of the application serves. */
export function contentTypeFault(
  contentType: string,
  channel: ChannelToken<unknown>,
  codecs: CodecRegistry,
): CodecFault | undefined {
  if (codecs.find(contentType, channel.kind) !== undefined) return undefined;
  return {
    problem: `no codec for content type '${contentType}' on channel '${channel.name}', which carries ${channel.payloadName}`,
    remedy: `Known: ${codecs.knownTypes(channel.kind).join(', ')}; others by 'codecs' of Millrace.create`,
  };
}

const builtIn: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [String, "channel('name', 'text')"],
  [Uint8Array, "channel('name', 'bytes')"],
  [Buffer, "channel('name', 'bytes')"],
  ...[Number, Boolean, BigInt, Object, Array, Map, Set, Date].map(
    (one) => [one, 'a class of your own, or a schema'] as const,
  ),
]);

function classFaults(
  channel: ChannelToken<unknown>,
  payloadClass: object,
  use: 'send' | 'receive',
): readonly CodecFault[] {
  const remedy = builtIn.get(payloadClass);
  if (remedy !== undefined)
    return [
      { problem: `channel '${channel.name}' carries the built-in ${channel.payloadName}`, remedy: `Use ${remedy}` },
    ];
  const validators = channel.options.validate === false ? [] : asyncValidatorsOf(payloadClass);
  const faults = validators.map((place) => ({
    problem: `the validator of ${place} on channel '${channel.name}' is asynchronous, and would not be asked`,
    remedy: 'Make it synchronous and ask the rest in the handler, or use a schema',
  }));
  const failure = use === 'receive' ? constructionFailure(payloadClass) : undefined;
  if (failure === undefined) return faults;
  return [
    ...faults,
    {
      problem: `the constructor of ${channel.payloadName} fails without arguments ('${failure}'), as it is called when a message of channel '${channel.name}' is read`,
      remedy: 'Let it only assign its parameters',
    },
  ];
}

function constructionFailure(payloadClass: object): string | undefined {
  try {
    Reflect.construct(payloadClass as new () => unknown, []);
    return undefined;
  } catch (error) {
    return describeError(error).message;
  }
}
