import type {
  Binder,
  BinderContext,
  ConsumerBinding,
  ConsumerRequest,
  Logger,
  OutboundRecord,
  ProducerBinding,
  ProducerRequest,
} from '@millrace/core/spi';
import { type MemoryBroker, memoryBinder } from '../src/index';
import { Inbox } from './inbox';

export interface LoggedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly facts: object;
  readonly message: string;
}

/** A binder over a broker, with bindings that need only what a test is about. */
export interface OpenBinder {
  readonly binder: Binder;
  readonly log: LoggedLine[];
  producer(destination: string, request?: Partial<ProducerRequest>): Promise<ProducerBinding>;
  consumer(destination: string, request?: Partial<ConsumerRequest>): Promise<OpenConsumer>;
}

export interface OpenConsumer extends ConsumerBinding {
  readonly inbox: Inbox;
  readonly reports: (Error | undefined)[];
}

let made = 0;

/** A name no other test uses. */
export function unique(name: string): string {
  made += 1;
  return `${name}-${made}`;
}

export function context<Options>(options: Options, log: LoggedLine[] = []): BinderContext<Options> {
  const at = (level: LoggedLine['level']) => (facts: object, message: string) =>
    void log.push({ level, facts, message });
  const logger: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return { name: 'local', app: 'test', options, logger };
}

export async function openBinder(broker: MemoryBroker): Promise<OpenBinder> {
  const log: LoggedLine[] = [];
  return boundTo(await memoryBinder(broker).create(context({}, log)), log);
}

export function boundTo(binder: Binder, log: LoggedLine[] = []): OpenBinder {
  return {
    binder,
    log,
    producer: (destination, request = {}) =>
      binder.bindProducer({
        binding: destination,
        native: {},
        report: () => {},
        destination,
        partitionCount: undefined,
        requiredGroups: [],
        ...request,
      }),
    consumer: async (destination, request = {}) => {
      const inbox = new Inbox();
      const reports: (Error | undefined)[] = [];
      const binding = await binder.bindConsumer({
        binding: `${destination}/${request.group ?? 'broadcast'}`,
        native: {},
        report: (trouble) => void reports.push(trouble),
        destinations: [destination],
        group: undefined,
        concurrency: 1,
        prefetch: 32,
        deadLetter: undefined,
        delays: [],
        instance: undefined,
        deliver: (record) => inbox.deliver(record),
        ...request,
      });
      return { ...binding, inbox, reports };
    },
  };
}

export function record(text: string | null, more: Partial<OutboundRecord> = {}): OutboundRecord {
  return { payload: text === null ? null : Buffer.from(text), headers: {}, ...more };
}

export function numbered(count: number, prefix = ''): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

export async function sendAll(
  producer: ProducerBinding,
  texts: readonly string[],
  more?: Partial<OutboundRecord>,
): Promise<void> {
  for (const text of texts) await producer.send(record(text, more));
}
