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
import type { Faults } from './faults';
import { Gate } from './gate';

/**
 * The same binder, with the troubles that are ordered from `faults`.
 *
 * ```ts
 * const faults = new Faults();
 * const app = await Millrace.create({ config, binders: [faultyBinder(binder, faults)] });
 * faults.refuseDeadLetters({ times: 2 });
 * ```
 */
export function faultyBinder<Options>(module: BinderModule<Options>, faults: Faults): BinderModule<Options> {
  return {
    type: module.type,
    options: module.options,
    producerOptions: module.producerOptions,
    consumerOptions: module.consumerOptions,
    create: async (context) => wrapBinder(await module.create(context), faults),
  };
}

function wrapBinder(binder: Binder, faults: Faults): Binder {
  return {
    capabilities: binder.capabilities,
    bindProducer: (request) => bindProducer(binder, request, faults),
    bindConsumer: (request) => bindConsumer(binder, request, faults),
    ...(binder.connected && { connected: () => binder.connected?.() ?? false }),
    close: () => binder.close(),
  };
}

async function bindProducer(binder: Binder, request: ProducerRequest, faults: Faults): Promise<ProducerBinding> {
  const binding = await binder.bindProducer(request);
  const dismiss = faults.enlist(request.report);
  return {
    send: async (record) => {
      await faults.beforeSend(request.destination);
      await binding.send(record);
      faults.traffic.sent.push({ destination: request.destination, record });
    },
    close: async () => {
      dismiss();
      await binding.close();
    },
  };
}

async function bindConsumer(binder: Binder, request: ConsumerRequest, faults: Faults): Promise<ConsumerBinding> {
  const consumer = new FaultyConsumer(request, faults);
  faults.traffic.consumers.push(request.binding);
  const binding = await binder.bindConsumer({ ...request, deliver: consumer.deliver });
  const dismiss = faults.enlist(request.report);
  const { deadLetter, pause, resume, vitals } = binding;
  return {
    ...(deadLetter && {
      deadLetter: async (letter) => {
        faults.beforeDeadLetter(letter.record.destination);
        await deadLetter.call(binding, letter);
      },
    }),
    ...(pause && { pause: () => pause.call(binding) }),
    ...(resume && { resume: () => resume.call(binding) }),
    ...(vitals && { vitals: () => vitals.call(binding) }),
    close: async () => {
      dismiss();
      consumer.close();
      await binding.close();
    },
  };
}

/** Stands in for core towards the binder. */
class FaultyConsumer {
  readonly #request: ConsumerRequest;
  readonly #faults: Faults;
  readonly #closing = new Gate();
  #isTroubled = false;

  constructor(request: ConsumerRequest, faults: Faults) {
    this.#request = request;
    this.#faults = faults;
  }

  readonly deliver = async (record: InboundRecord): Promise<Settlement> => {
    const faults = this.#faults;
    if (faults.isDisconnected) await Promise.race([faults.connected(), this.#closing.passed()]);
    if (this.#closing.isOpen) return settlements.requeue;
    faults.traffic.delivered();
    let settlement = await this.#request.deliver(record);
    if (settlement.verdict === 'ack' && faults.repeats()) settlement = await this.#request.deliver(again(record));
    const taken = faults.settle(settlement, record.destination);
    this.#tell(settlement.verdict === 'ack' && taken.verdict !== 'ack');
    faults.traffic.wasSettled({ record, group: this.#request.group, verdict: taken.verdict });
    return taken;
  };

  close(): void {
    this.#closing.open();
  }

  /** As a client library would: an acknowledgement the broker does not take is trouble until one is taken. */
  #tell(isRefused: boolean): void {
    if (isRefused === this.#isTroubled) return;
    this.#isTroubled = isRefused;
    this.#request.report(isRefused ? new Error('the broker refused an acknowledgement') : undefined);
  }
}

/** Headers stay lazy, and a record may be an instance of the binder's own class. */
function again(record: InboundRecord): InboundRecord {
  const { destination, payload, key, partition, position, timestamp, deliveries } = record;
  return {
    destination,
    payload,
    key,
    partition,
    position,
    timestamp,
    deliveries: deliveries + 1,
    get headers() {
      return record.headers;
    },
  };
}
