import {
  type Application,
  type ApplicationOptions,
  type ChannelReference,
  type Message,
  Millrace,
  type SendOptions,
  Source,
} from '@millrace/core';
import type { StandInBinders } from './stand-in-binders';

/**
 * Whoever else sends to the channels of the application: an application of its own with the same configuration, so that an
 * emitted message has gone the whole way out, and the tested application has no part in it.
 */
export class OutsideProducer {
  readonly #application: Application;

  private constructor(application: Application) {
    this.#application = application;
  }

  static async create(
    tested: Application,
    { config, codecs }: Pick<ApplicationOptions, 'config' | 'codecs'>,
    binders: StandInBinders,
  ): Promise<OutsideProducer> {
    const application = await Millrace.create({
      components: [senderOf(tested)],
      ...(config !== undefined && { config }),
      ...(codecs !== undefined && { codecs }),
      binders: (type) => binders.module(type),
      logger: false,
    });
    return new OutsideProducer(application);
  }

  start(): Promise<void> {
    return this.#application.start();
  }

  emit<T>(channel: ChannelReference<T>, payload: T | Message<T>, options?: SendOptions): Promise<void> {
    return this.#application.send(channel, payload, options);
  }

  close(): Promise<void> {
    return this.#application.stop();
  }
}

/**
 * A component that names every channel the application names: so its messages carry the type header where classes share a
 * channel. Channels with several destinations are left out, since nobody can send to several.
 */
function senderOf(tested: Application): new () => object {
  class Outside {}
  const several = new Set(
    tested.bindings().flatMap(({ name, group, destinations, direction }) => {
      if (direction === 'producer' || destinations.length === 1) return [];
      return [name.slice(0, -`/${group ?? '*'}`.length)];
    }),
  );
  const channels = tested.channels().filter(({ name }) => !several.has(name));
  for (const [index, channel] of channels.entries()) Source(channel)(Outside.prototype, `sender${index}`);
  return Outside;
}
