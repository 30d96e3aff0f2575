import { MemoryBroker, type MemoryOptionsInput, memoryBinder, binder as realMemory } from '@millrace/binder-memory';
import {
  type Binder,
  type BinderModule,
  type ConsumerBinding,
  type ConsumerRequest,
  type DeadLetter,
  type OutboundRecord,
  type ProducerBinding,
  type ProducerRequest,
  z,
} from '@millrace/core/spi';

/** Told of what crosses the contract between the application and its binders. */
export interface Watcher {
  sent(binding: string, destination: string, record: OutboundRecord): void;
  deadLettered(letter: DeadLetter): void;
  /** Something finished: a delivery, or a change of a binding. */
  moved(): void;
}

const MEMORY = realMemory.type;

/**
 * Binders in memory in the place of whatever is configured: one broker for each configured binder, so that two stay apart.
 * Options of the real binder are taken and ignored, except those of the memory binder itself.
 */
export class StandInBinders {
  readonly #brokers = new Map<string, MemoryBroker>();
  readonly #consumers = new Set<{ readonly request: ConsumerRequest; paused: boolean }>();

  /** Makes the brokers. @param configured the options of each configured binder, by its name */
  provide(configured: Readonly<Record<string, unknown>>): void {
    for (const [name, entry] of Object.entries(configured)) {
      const { type, startup: _startup, ...options } = entry as { readonly type: string; readonly startup: string };
      this.#brokers.set(name, new MemoryBroker(type === MEMORY ? brokerOptions(options) : {}));
    }
  }

  get names(): readonly string[] {
    return [...this.#brokers.keys()];
  }

  broker(name: string): MemoryBroker {
    const broker = this.#brokers.get(name);
    if (broker === undefined) throw new Error(`there is no binder '${name}'; configured: ${this.names.join(', ')}`);
    return broker;
  }

  /** The module that stands in for a type. @param watcher left out for those who are not to be watched */
  module(type: string, watcher?: Watcher): BinderModule {
    const anything = z.looseObject({});
    const schemas =
      type === MEMORY ? realMemory : { options: anything, producerOptions: anything, consumerOptions: anything };
    return {
      type,
      options: schemas.options,
      producerOptions: schemas.producerOptions,
      consumerOptions: schemas.consumerOptions,
      create: async (context) => {
        const binder = await memoryBinder(this.broker(context.name)).create({ ...context, options: {} });
        return this.#standIn(binder, type === MEMORY, watcher);
      },
    };
  }

  /** What consumers have still to do, a sentence each. @param leaveDelayed what waits for a delay does not count */
  busy(leaveDelayed: boolean): string[] {
    return [...this.#brokers.values()]
      .flatMap((broker) => broker.backlogs())
      .flatMap(({ destination, group, waiting, open, parked }) => {
        const parts = [
          [open, 'in the hands of its sink'] as const,
          [this.#isPaused(destination, group) ? 0 : waiting, 'waiting'] as const,
          [leaveDelayed ? 0 : parked, 'set aside for a delayed retry'] as const,
        ].filter(([count]) => count > 0);
        const reader = group === undefined ? 'a broadcast consumer' : `group '${group}'`;
        const counts = parts.map(([count, what]) => `${count} ${what}`).join(', ');
        return parts.length === 0 ? [] : [`'${destination}', ${reader}: ${counts}`];
      });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#brokers.values()].map((broker) => broker.close()));
  }

  /** Nobody takes what waits there: it is quiet until somebody resumes it. */
  #isPaused(destination: string, group: string | undefined): boolean {
    const readers = [...this.#consumers].filter(
      ({ request }) => request.group === group && request.destinations.some((name) => mayMatch(name, destination)),
    );
    return readers.length > 0 && readers.every(({ paused }) => paused);
  }

  #standIn(binder: Binder, isMemory: boolean, watcher: Watcher | undefined): Binder {
    return {
      // What the real binder would do at once is done one after the other here: the outputs, then the acknowledgement.
      capabilities: isMemory ? binder.capabilities : { ...binder.capabilities, exactlyOnce: true },
      bindProducer: async (given) => {
        const request = isMemory ? given : { ...given, native: undefined };
        return watchProducer(await binder.bindProducer(request), request, watcher);
      },
      bindConsumer: (given) => this.#bindConsumer(binder, isMemory ? given : { ...given, native: undefined }, watcher),
      close: () => binder.close(),
    };
  }

  async #bindConsumer(
    binder: Binder,
    request: ConsumerRequest,
    watcher: Watcher | undefined,
  ): Promise<ConsumerBinding> {
    const moved = (): void => watcher?.moved();
    const binding = await binder.bindConsumer({
      ...request,
      deliver: (record) => request.deliver(record).finally(moved),
    });
    const consumer = { request, paused: false };
    this.#consumers.add(consumer);
    const { deadLetter } = binding;
    return {
      ...(deadLetter && {
        deadLetter: async (letter: DeadLetter) => {
          await deadLetter.call(binding, letter);
          watcher?.deadLettered(letter);
        },
      }),
      vitals: () => binding.vitals?.() ?? {},
      pause: async () => {
        await binding.pause?.();
        consumer.paused = true;
        moved();
      },
      resume: async () => {
        consumer.paused = false;
        await binding.resume?.();
      },
      close: async () => {
        await binding.close();
        this.#consumers.delete(consumer);
        moved();
      },
    };
  }
}

/** Without the name of a shared broker: a test meets nobody else. */
function brokerOptions(options: object): MemoryOptionsInput {
  const { broker: _name, ...own } = options as MemoryOptionsInput & { readonly broker?: string };
  return own;
}

function watchProducer(
  binding: ProducerBinding,
  { binding: name, destination }: ProducerRequest,
  watcher: Watcher | undefined,
): ProducerBinding {
  return {
    send: async (record) => {
      await binding.send(record);
      watcher?.sent(name, destination, record);
    },
    close: () => binding.close(),
  };
}

function mayMatch(name: string, destination: string): boolean {
  return name === destination || /[*#]/.test(name);
}
