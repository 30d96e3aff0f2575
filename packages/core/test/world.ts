import { MemoryBroker } from '@millrace/binder-memory';
import {
  type Application,
  type ApplicationOptions,
  type ChannelReference,
  headerNames,
  type MessageHeaders,
  Millrace,
  type PayloadHandler,
  type SinkOptions,
} from '@millrace/core';
import { WatchedBinder } from './watched-binder';

/** Retries without waiting, so that tests need not either. */
export const swift = { retry: { maxAttempts: 3, backOff: { initial: 1, multiplier: 1, jitter: 0 } } } as const;

/** What handlers still running get when a test ends. */
const CLEAN_UP_DEADLINE_MS = 50;

/** One broker, and the applications of one test; see {@link useWorld}. */
export class World {
  readonly broker: MemoryBroker;
  readonly binder: WatchedBinder;
  readonly #applications: Application[] = [];

  constructor(options?: ConstructorParameters<typeof MemoryBroker>[0]) {
    this.broker = new MemoryBroker(options);
    this.binder = new WatchedBinder(this.broker);
  }

  /** Created, not started. */
  async create(options: ApplicationOptions = {}): Promise<Application> {
    const application = await Millrace.create({
      config: { app: 'shop' },
      binders: [this.binder.module],
      logger: false,
      ...options,
    });
    this.#applications.push(application);
    return application;
  }

  async start(options: ApplicationOptions = {}): Promise<Application> {
    const application = await this.create(options);
    await application.start();
    return application;
  }

  /** An application with one sink, running. */
  async sink<T>(
    channel: ChannelReference<T>,
    options: SinkOptions<T> & { readonly receive?: 'payload'; readonly batch?: undefined },
    handler: PayloadHandler<T>,
    more: ApplicationOptions = {},
  ): Promise<Application> {
    const application = await this.create(more);
    await application.sink(channel, { ...swift, ...options }, handler);
    await application.start();
    return application;
  }

  /** Bytes straight into the broker, as a stranger would send them. */
  async publish(destination: string, body: string | Uint8Array, more: RawRecord = {}): Promise<void> {
    const payload = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
    const headers: MessageHeaders = { [headerNames.contentType]: 'application/json', ...more.headers };
    await this.broker.publish(destination, { ...more, payload, headers });
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#applications.map((each) => each.stop({ deadlineMs: CLEAN_UP_DEADLINE_MS })));
    await this.broker.close();
  }
}

interface RawRecord {
  readonly headers?: MessageHeaders;
  readonly key?: string;
  readonly partition?: number;
}

/** A fresh world for each test; whatever it started is stopped afterwards, also when the test fails. */
export function useWorld(options?: ConstructorParameters<typeof MemoryBroker>[0]): () => World {
  let world: World;
  beforeEach(() => {
    world = new World(options);
  });
  afterEach(() => world.close());
  return () => world;
}
