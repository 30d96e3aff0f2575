import type { ChannelToken } from '../../channel/channel';
import type { CodecRegistry } from '../../codec/codec-registry';
import type { Source } from '../../decorators/source';
import { MillraceError } from '../../errors/millrace-error';
import type { Message } from '../../message/message';
import type { SendOptions } from '../../message/send-options';
import type { MiddlewareChains } from '../../middleware/middleware-chains';
import { Events } from '../../observe/events';
import { silentLogger } from '../../observe/logger';
import { partitioner } from '../../partition/partitioner';
import { keyReader } from '../../pipeline/key';
import type { MessageContext } from '../../pipeline/message-context';
import { Outbound } from '../../pipeline/outbound';
import { typeHeaderOf, typeNameOf } from '../../pipeline/type-name';
import type { WorkerProducer } from './worker-messages';

interface WorkerSourcesParts {
  readonly codecs: CodecRegistry;
  readonly middleware: MiddlewareChains;
  readonly context: MessageContext;
}

/** Senders of a worker thread: they check and encode; what they hold goes out from the main thread. */
export class WorkerSources {
  readonly #producers: ReadonlyMap<string, WorkerProducer>;
  readonly #parts: WorkerSourcesParts;

  constructor(producers: readonly WorkerProducer[], parts: WorkerSourcesParts) {
    this.#producers = new Map(producers.map((producer) => [producer.channel, producer]));
    this.#parts = parts;
  }

  source<T>(channel: ChannelToken<T>): Source<T> {
    const token = channel as unknown as ChannelToken<unknown>;
    const producer = this.#producers.get(channel.name);
    const outbound = producer && this.#outbound(token, producer);
    return Object.freeze({
      channel,
      send: (payload: T | Message<T>, options?: SendOptions): Promise<void> => {
        try {
          if (outbound === undefined) throw unknownTo(channel.name);
          if (this.#parts.context.current === undefined) throw outsideOfHandler(channel.name);
          return outbound.send(payload, options);
        } catch (error) {
          return Promise.reject(error);
        }
      },
    });
  }

  #outbound(channel: ChannelToken<unknown>, producer: WorkerProducer): Outbound {
    const { binding, contentType, key, partitionCount, destination: own, binder } = producer;
    const types = new Set([...producer.types, typeNameOf(channel)]);
    return new Outbound({
      binding,
      channel,
      contentType,
      typeName: () => typeHeaderOf(channel, types),
      keyOf: keyReader(channel, key),
      partitionOf: partitioner(channel, partitionCount),
      ...this.#parts,
      events: new Events(silentLogger),
      senderFor: (destination = own) => ({
        destination,
        binder,
        send: () => Promise.reject(outsideOfHandler(channel.name)),
      }),
    });
  }
}

function outsideOfHandler(channel: string): MillraceError {
  return new MillraceError(
    'APPLICATION_STATE',
    `a worker thread sends inside its handler alone; nothing was sent to channel '${channel}'`,
  );
}

function unknownTo(channel: string): MillraceError {
  return new MillraceError(
    'CHANNEL_UNKNOWN',
    `no component of the application sends to channel '${channel}'; nothing was sent. List the component in Millrace.create too`,
  );
}
