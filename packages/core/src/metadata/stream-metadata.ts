import type { ConsumerOptions } from '../options/consumer-options';

export interface SinkOptions extends ConsumerOptions {
  /** Consumers of one group share the messages. Default: the name of the application. */
  readonly group?: string;
  /** Every running instance gets every message sent while it runs; nothing is kept. Default `false`. */
  readonly broadcast?: boolean;
  /** What the method takes first: the payload, then the message; or the message alone. Default `payload`. */
  readonly receive?: 'payload' | 'message';
}

/** What `@Sink` wrote. The reference is checked at start, where all faults are told at once. */
export interface SinkDefinition {
  readonly method: string | symbol;
  readonly channel: unknown;
  readonly options: SinkOptions;
  readonly isStatic: boolean;
}

/** What `@Source` wrote, by where it stood. */
export type SourceDefinition =
  | { readonly place: 'parameter'; readonly channel: unknown; readonly index: number; readonly identifier: symbol }
  | { readonly place: 'property'; readonly channel: unknown; readonly property: string | symbol; readonly isStatic: boolean }
  | { readonly place: 'method'; readonly channel: unknown; readonly method: string | symbol; readonly isStatic: boolean };
