import { types } from 'node:util';
import type { ChannelToken } from '../channel/channel';
import { describeError } from '../errors/describe-error';
import { MillraceError } from '../errors/millrace-error';
import { shortened } from '../errors/shortened';
import { headerNames, type MessageHeaders } from '../message/headers';

/**
 * Lifts a plain payload to the version the channel reads, step by step. Nothing happens on a channel without versions.
 *
 * @throws MillraceError PAYLOAD_INVALID: no such version, too old, from the future, or an upcaster failed
 */
export function upcast(plain: unknown, channel: ChannelToken<unknown>, headers: MessageHeaders): unknown {
  const current = channel.options.version;
  if (current === undefined) return plain;
  const found = versionOf(channel, headers, current);
  if (found === current) return plain;
  if (found > current) {
    if (channel.options.futureVersions === 'accept') return plain;
    throw new MillraceError(
      'PAYLOAD_INVALID',
      `version ${found} of ${channel.payloadName} on channel '${channel.name}' is from the future: this application reads up to ${current}`,
    );
  }
  let payload = plain;
  for (let version = found; version < current; version += 1) payload = lift(payload, version, channel);
  return payload;
}

/** Whether a payload is surely of the version that the channel reads, so that nothing has to be lifted. */
export function isCurrentVersion({ options }: ChannelToken<unknown>, headers: MessageHeaders): boolean {
  const { version, missingVersion = version } = options;
  if (version === undefined) return true;
  const stated = headers[headerNames.version] ?? missingVersion;
  return stated === version || stated === String(version);
}

function versionOf(channel: ChannelToken<unknown>, headers: MessageHeaders, current: number): number {
  const stated = headers[headerNames.version];
  if (stated === undefined || stated === null) return channel.options.missingVersion ?? current;
  const version = typeof stated === 'string' && /^\d{1,9}$/.test(stated) ? Number(stated) : stated;
  if (typeof version === 'number' && Number.isInteger(version) && version >= 1) return version;
  throw new MillraceError(
    'PAYLOAD_INVALID',
    `the header ${headerNames.version} on channel '${channel.name}' is '${shortened(String(stated))}', which is no version`,
  );
}

function lift(payload: unknown, version: number, channel: ChannelToken<unknown>): unknown {
  const upcaster = channel.options.upcast?.[version];
  const subject = `version ${version} of ${channel.payloadName} on channel '${channel.name}'`;
  if (upcaster === undefined)
    throw new MillraceError('PAYLOAD_INVALID', `${subject} is too old: there is no upcaster from it`);
  let lifted: unknown;
  try {
    lifted = upcaster(payload as object);
  } catch (cause) {
    throw new MillraceError(
      'PAYLOAD_INVALID',
      `${subject} cannot be read: its upcaster failed with '${describeError(cause).message}'`,
      { cause },
    );
  }
  if (lifted !== undefined && !types.isPromise(lifted)) return lifted;
  throw new MillraceError(
    'PAYLOAD_INVALID',
    `${subject} cannot be read: its upcaster returned ${lifted === undefined ? 'nothing' : 'a promise'}; it has to return the next version`,
  );
}
