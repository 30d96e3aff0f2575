import {
  type Binder,
  type BinderModule,
  type ConsumerBinding,
  type ConsumerRequest,
  type InboundRecord,
  type ProducerBinding,
  type ProducerRequest,
  type Settlement,
  settlements,
} from '@millrace/core/spi';

export const troubleNames = ['settlements lost', 'sends refused', 'sends held', 'dead letters refused'] as const;
export type TroubleName = (typeof troubleNames)[number];

/** What is wrong with a binder just now. */
export class Troubles {
  readonly #present = new Set<TroubleName>();
  readonly #lost = new Set<string>();
  #over: Promise<void> = Promise.resolve();

  /** Resolves when it is over. */
  async last(name: TroubleName, ms: number): Promise<void> {
    this.#present.add(name);
    this.#over = new Promise((resolve) => setTimeout(resolve, ms));
    await this.#over;
    this.#present.delete(name);
    this.#lost.clear();
  }

  async beforeSend(): Promise<void> {
    if (this.#present.has('sends refused')) throw new Error('the broker refuses every record just now');
    while (this.#present.has('sends held')) await this.#over;
  }

  beforeDeadLetter(): void {
    if (this.#present.has('dead letters refused')) throw new Error('the broker refuses every dead letter just now');
  }

  /** The verdict as it arrives at the broker. One acknowledgement of each record is lost, the next is not. */
  arriving(settlement: Settlement, record: InboundRecord, group: string | undefined): Settlement {
    if (settlement.verdict !== 'ack' || !this.#present.has('settlements lost')) return settlement;
    const name = `${record.destination} ${group} ${record.partition} ${record.position}`;
    if (this.#lost.has(name)) return settlement;
    this.#lost.add(name);
    return settlements.requeue;
  }
}

/** The same binder, with troubles between it and core. */
export function troubledBinder<Options>(module: BinderModule<Options>, troubles: Troubles): BinderModule<Options> {
  return { ...module, create: async (context) => troubled(await module.create(context), troubles) };
}

function troubled(binder: Binder, troubles: Troubles): Binder {
  return {
    capabilities: binder.capabilities,
    bindProducer: (request) => bindProducer(binder, request, troubles),
    bindConsumer: (request) => bindConsumer(binder, request, troubles),
    close: () => binder.close(),
  };
}

async function bindProducer(binder: Binder, request: ProducerRequest, troubles: Troubles): Promise<ProducerBinding> {
  const binding = await binder.bindProducer(request);
  return {
    send: async (record) => {
      await troubles.beforeSend();
      await binding.send(record);
    },
    close: () => binding.close(),
  };
}

async function bindConsumer(binder: Binder, request: ConsumerRequest, troubles: Troubles): Promise<ConsumerBinding> {
  const deliver = async (record: InboundRecord): Promise<Settlement> =>
    troubles.arriving(await request.deliver(record), record, request.group);
  const binding = await binder.bindConsumer({ ...request, deliver });
  const { deadLetter } = binding;
  if (deadLetter === undefined) return binding;
  return {
    ...binding,
    deadLetter: async (letter) => {
      troubles.beforeDeadLetter();
      await deadLetter.call(binding, letter);
    },
  };
}
