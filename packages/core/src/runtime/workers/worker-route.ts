import type { InboundRecord } from '../../binder/record';
import { type Output } from '../../inbox/kept-outputs';
import { Message } from '../../message/message';
import { allSent } from '../../pipeline/all-sent';
import type { RecordDecoder } from '../../pipeline/decoder';
import type { HandlerRoute } from '../../pipeline/handler-route';
import type { SinkWiring } from '../wiring';
import type { WorkerThreads } from './worker-threads';

/** The one route of a binding whose sinks are in worker threads: which of them takes a message is decided there. */
export function workerRoute(
  sinks: readonly [SinkWiring, ...SinkWiring[]],
  threads: WorkerThreads,
  forward: (output: Output) => Promise<void>,
): HandlerRoute {
  return {
    owner: sinks.map(({ owner }) => owner).join(' or '),
    channel: sinks[0].channel,
    ready: () => threads.free(),
    handle: (input, signal) => {
      const { payload: record, attempt } = input as Message<InboundRecord>;
      return threads.handle(record, attempt, signal());
    },
    publish: (outputs) => allSent((outputs as readonly Output[]).map(forward)),
  };
}

/** Hands records on as they are: threads decode. */
export function undecoded(route: HandlerRoute): RecordDecoder {
  const routes = [route];
  return {
    decode: (record, attempt) => {
      const { destination, headers, key, partition, position, timestamp } = record;
      const { name: channel } = route.channel;
      const delivery = { channel, destination, group: undefined, key, partition, position, attempt, timestamp };
      return { message: new Message<unknown>(record, headers, { key, delivery }), routes };
    },
  };
}
