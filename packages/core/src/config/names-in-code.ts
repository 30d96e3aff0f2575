import { type ComponentClass, sinksOf, sourcesOf, tokenOf } from '../metadata/class-metadata';

/** Channels and groups that decorators name. */
export interface NamesInCode {
  readonly channels: readonly string[];
  /** A group of `undefined` is the application's own; broadcasts have none and are left out. */
  readonly sinks: readonly { readonly channel: string; readonly group: string | undefined }[];
}

export const noNames: NamesInCode = Object.freeze({ channels: [], sinks: [] });

/** What the components name, read from their decorators; what is wrong with them is told elsewhere. */
export function namesInCode(components: readonly ComponentClass[]): NamesInCode {
  const classes = components.filter((component) => typeof component === 'function');
  const sinks = classes.flatMap(sinksOf).flatMap(({ channel, options }) => {
    const name = tokenOf(channel)?.name;
    return name === undefined ? [] : [{ channel: name, group: options.group, broadcast: options.broadcast === true }];
  });
  const sources = classes.flatMap(sourcesOf).flatMap(({ channel }) => tokenOf(channel)?.name ?? []);
  return {
    channels: [...new Set([...sinks.map(({ channel }) => channel), ...sources])],
    sinks: sinks.flatMap(({ channel, group, broadcast }) => (broadcast ? [] : [{ channel, group }])),
  };
}
