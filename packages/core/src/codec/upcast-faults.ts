import type { ChannelToken } from '../channel/channel';
import type { CodecFault } from './codec-fault';

/** What is wrong with the versions a channel names. */
export function upcastFaults(channel: ChannelToken<unknown>): readonly CodecFault[] {
  const { version, upcast, missingVersion, futureVersions } = channel.options;
  const where = `channel '${channel.name}'`;
  if (version === undefined) {
    const orphan =
      upcast !== undefined
        ? 'upcast'
        : missingVersion !== undefined
          ? 'missingVersion'
          : futureVersions !== undefined
            ? 'futureVersions'
            : undefined;
    return orphan === undefined
      ? []
      : [{ problem: `${where} has '${orphan}' but no 'version'`, remedy: "Set 'version' to the version of the class" }];
  }
  if (!isVersion(version))
    return [{ problem: `${where}: version is ${String(version)}`, remedy: 'Versions are 1, 2, 3 …' }];
  return [...stepFaults(where, version, upcast ?? {}), ...missingFaults(where, version, upcast ?? {}, missingVersion)];
}

function stepFaults(where: string, version: number, upcast: Readonly<Record<string, unknown>>): CodecFault[] {
  const faults: CodecFault[] = [];
  const known: number[] = [];
  for (const [name, step] of Object.entries(upcast)) {
    const from = Number(name);
    if (!isVersion(from) || from >= version) {
      faults.push({
        problem: `${where}: upcast[${name}] is from no version below ${version}`,
        remedy: `Name the versions 1 to ${version - 1}`,
      });
    } else if (typeof step !== 'function') {
      faults.push({
        problem: `${where}: upcast[${name}] is no function`,
        remedy: `Write (older) => the payload as version ${from + 1}`,
      });
    } else known.push(from);
  }
  const oldest = Math.min(...known);
  for (let from = oldest + 1; from < version; from += 1) {
    if (known.includes(from) || upcast[from] !== undefined) continue;
    faults.push({
      problem: `${where}: the upcaster from version ${from} to ${from + 1} is missing, so that version ${oldest} cannot become ${version}`,
      remedy: `Add upcast[${from}]`,
    });
  }
  return faults;
}

function missingFaults(
  where: string,
  version: number,
  upcast: Readonly<Record<string, unknown>>,
  missing: number | undefined,
): CodecFault[] {
  if (missing === undefined || missing === version) return [];
  if (isVersion(missing) && missing < version && typeof upcast[missing] === 'function') return [];
  return [
    {
      problem: `${where}: missingVersion is ${String(missing)}, from which no upcaster leads to ${version}`,
      remedy: 'Name the current version or one that can be upcast',
    },
  ];
}

function isVersion(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1;
}
