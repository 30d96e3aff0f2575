import type { MemoryBroker } from '@millrace/binder-memory';
import { memoryBinder } from '@millrace/binder-memory';
import type {
  Binder,
  BinderModule,
  BindingVitals,
  ConsumerBinding,
  ConsumerRequest,
  DeadLetter,
  InboundRecord,
  OutboundRecord,
  ProducerBinding,
  ProducerRequest,
  Settlement,
} from '@millrace/core/spi';

/** What a test may do at the contract between core and binder. Throwing is the broker's refusal; waiting is its slowness. */
export interface Interference {
  create?: () => Promise<void>;
  bindProducer?: (request: ProducerRequest) => Promise<void>;
  bindConsumer?: (request: ConsumerRequest) => Promise<void>;
  send?: (destination: string, record: OutboundRecord) => Promise<void>;
  deadLetter?: (letter: DeadLetter) => Promise<void>;
  /** What the binder says of its consumers, instead of the truth. */
  vitals?: () => BindingVitals;
  connected?: () => boolean;
  pause?: () => Promise<void>;
  resume?: () => Promise<void>;
}

/** The memory binder, watched: everything that crosses the contract is written down in the order it did. */
export class WatchedBinder {
  /** `sent orders`, `settled orders ack`, `dead letter orders`, `closed consumer orders/g` … */
  readonly journal: string[] = [];
  /** What `deliver` threw or rejected with: the contract says never. */
  readonly brokenDeliveries: unknown[] = [];
  open = 0;
  peak = 0;
  interference: Interference = {};
  readonly #broker: MemoryBroker;

  constructor(broker: MemoryBroker) {
    this.#broker = broker;
  }

  get module(): BinderModule {
    const real = memoryBinder(this.#broker);
    return {
      ...real,
      create: async (context) => {
        await this.interference.create?.();
        return this.#watch(await real.create(context));
      },
    };
  }

  settled(verdict: Settlement['verdict']): number {
    return this.journal.filter((line) => line.startsWith('settled') && line.endsWith(` ${verdict}`)).length;
  }

  #watch(binder: Binder): Binder {
    return {
      capabilities: binder.capabilities,
      connected: () => this.interference.connected?.() ?? true,
      bindProducer: (request) => this.#bindProducer(binder, request),
      bindConsumer: (request) => this.#bindConsumer(binder, request),
      close: async () => {
        await binder.close();
        this.journal.push('closed binder');
      },
    };
  }

  async #bindProducer(binder: Binder, request: ProducerRequest): Promise<ProducerBinding> {
    await this.interference.bindProducer?.(request);
    const binding = await binder.bindProducer(request);
    return {
      send: async (record) => {
        await this.interference.send?.(request.destination, record);
        await binding.send(record);
        this.journal.push(`sent ${request.destination}`);
      },
      vitals: () => binding.vitals?.() ?? {},
      close: async () => {
        await binding.close();
        this.journal.push(`closed producer ${request.binding}`);
      },
    };
  }

  async #bindConsumer(binder: Binder, request: ConsumerRequest): Promise<ConsumerBinding> {
    await this.interference.bindConsumer?.(request);
    const binding = await binder.bindConsumer({ ...request, deliver: (record) => this.#deliver(request, record) });
    const { deadLetter } = binding;
    return {
      ...(deadLetter && {
        deadLetter: async (letter: DeadLetter) => {
          await this.interference.deadLetter?.(letter);
          await deadLetter.call(binding, letter);
          this.journal.push(`dead letter ${letter.record.destination}`);
        },
      }),
      vitals: () => (this.interference.vitals ?? binding.vitals)?.call(binding) ?? {},
      pause: async () => {
        await this.interference.pause?.();
        await binding.pause?.();
        this.journal.push(`paused consumer ${request.binding}`);
      },
      resume: async () => {
        await this.interference.resume?.();
        await binding.resume?.();
        this.journal.push(`resumed consumer ${request.binding}`);
      },
      close: async () => {
        await binding.close();
        this.journal.push(`closed consumer ${request.binding}`);
      },
    };
  }

  async #deliver(request: ConsumerRequest, record: InboundRecord): Promise<Settlement> {
    this.open += 1;
    this.peak = Math.max(this.peak, this.open);
    try {
      const settlement = await request.deliver(record);
      this.journal.push(`settled ${record.destination} ${settlement.verdict}`);
      return settlement;
    } catch (error) {
      this.brokenDeliveries.push(error);
      throw error;
    } finally {
      this.open -= 1;
    }
  }
}
