import type { Application, MessageHeaders } from '@millrace/core';
import type { StandInBinders } from './stand-in-binders';

/** What a foreign record has beside its bytes. */
export interface RawOptions {
  readonly headers?: MessageHeaders;
  readonly key?: string;
  readonly partition?: number;
  /** Name of the binder in the configuration. Default: the one that has the destination, or the only one. */
  readonly binder?: string;
}

interface Place {
  readonly binder: string;
  readonly destination: string;
}

/** Puts bytes on a destination as a stranger would who knows nothing of Millrace: nothing is checked, nothing is added. */
export async function emitRaw(
  place: Place,
  body: Uint8Array | string,
  { headers = {}, key, partition }: RawOptions,
  binders: StandInBinders,
): Promise<void> {
  const payload = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  await binders.broker(place.binder).publish(place.destination, { payload, headers, key, partition });
}

/** Where a channel is, as the application's bindings say. */
export function placeOfChannel(channel: string, application: Application): Place {
  const binding = application
    .bindings()
    .find(({ name, group, direction }) => name === (direction === 'producer' ? channel : `${channel}/${group ?? '*'}`));
  const destination = binding?.destinations[0];
  if (binding !== undefined && destination !== undefined) return { binder: binding.binder, destination };
  throw new Error(`the application has no binding of channel '${channel}'; name the destination instead`);
}

/** Which binder a destination belongs to. */
export function placeOfDestination(
  destination: string,
  named: string | undefined,
  application: Application,
  binders: StandInBinders,
): Place {
  const bound = application.bindings().find(({ destinations }) => destinations.includes(destination))?.binder;
  const binder = named ?? bound ?? (binders.names.length === 1 ? binders.names[0] : undefined);
  if (binder !== undefined) return { binder, destination };
  throw new Error(`no binding reads or writes '${destination}'; say which binder: ${binders.names.join(', ')}`);
}
