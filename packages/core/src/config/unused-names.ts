import type { ResolvedConfig } from './config-schema';
import type { Fault } from './faults';
import type { NamesInCode } from './names-in-code';
import { suggestion } from './nearest';

/** What is configured and no component uses: misspelled, or left over. Worth a warning, for code may send without decorators. */
export function unusedNames({ app, bindings }: ResolvedConfig, { channels, sinks }: NamesInCode): Fault[] {
  return Object.entries(bindings).flatMap(([channel, { groups = {} }]) => {
    const where = `bindings.${channel}`;
    if (!channels.includes(channel))
      return [{ where, problem: `no component names the channel '${channel}'`, remedy: suggestion(channel, channels) }];
    const used = sinks.flatMap((sink) => (sink.channel === channel ? [sink.group ?? app] : []));
    return Object.keys(groups).flatMap((group) => {
      if (used.includes(group)) return [];
      return [
        {
          where: `${where}.groups.${group}`,
          problem: `no sink of channel '${channel}' has the group '${group}'`,
          remedy: suggestion(group, used),
        },
      ];
    });
  });
}
