import { MillraceError, type OutboundRecord, type ProducerBinding, type ProducerRequest } from '@millrace/core/spi';
import type { HeaderMode, KafkaProducerOptions } from '../kafka-options';
import type { KafkaProvisioner } from '../provisioning/kafka-provisioner';
import type { KafkaOutputs, Output } from '../transactions/kafka-outputs';
import { TypeLists } from '../wire/kafka-headers';
import { recordToSend } from '../wire/kafka-record';
import type { KafkaWriter } from './kafka-writer';

export interface KafkaProducerParts {
  readonly request: ProducerRequest;
  readonly native: KafkaProducerOptions;
  readonly mode: HeaderMode;
  readonly provisioner: KafkaProvisioner;
  readonly writer: KafkaWriter;
  /** Takes what is sent under `exactlyOnce`. */
  readonly outputs: KafkaOutputs;
}

/** One producer binding: one topic. */
export class KafkaProducer implements ProducerBinding {
  readonly #parts: KafkaProducerParts;
  readonly #typeLists = new TypeLists();
  #partitions = 0;
  #isClosed = false;

  constructor(parts: KafkaProducerParts) {
    this.#parts = parts;
  }

  /** Provisions, connects, and resolves when records can be sent. */
  async start(): Promise<void> {
    const { request, provisioner, writer } = this.#parts;
    await this.provision();
    await provisioner.learnLimit(request.destination);
    await writer.connect();
  }

  async provision(): Promise<void> {
    const { request, native, provisioner } = this.#parts;
    const { binding, destination, partitionCount } = request;
    const wish = { topic: destination, partitions: partitionCount, settings: native.topic };
    this.#partitions = (await provisioner.ensure(binding, [wish])).get(destination) ?? 0;
  }

  send(record: OutboundRecord): Promise<void> {
    if (this.#isClosed) {
      const reason = `producer ${this.#parts.request.binding} is closed; nothing was sent`;
      return Promise.reject(new MillraceError('APPLICATION_STOPPED', reason));
    }
    const { partition } = record;
    if (partition !== undefined && partition >= this.#partitions)
      return this.#checkPartition(partition).then(() => this.#write(record));
    try {
      return this.#write(record);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return this.#parts.writer.close();
  }

  abandon(): Promise<void> {
    this.#isClosed = true;
    return this.#parts.writer.abandon();
  }

  #write(record: OutboundRecord): Promise<void> {
    const { request, writer, mode, outputs } = this.#parts;
    const { unitOfWork } = record;
    return unitOfWork === undefined
      ? writer.send(request.destination, recordToSend(record, mode, this.#typeLists))
      : outputs.add(unitOfWork, this.#output(record));
  }

  /** @throws MillraceError PAYLOAD_TOO_LARGE */
  #output(record: OutboundRecord): Output {
    const { request, writer, mode, native } = this.#parts;
    const output = recordToSend(record, mode, this.#typeLists);
    writer.checkSize(request.destination, output);
    return {
      topic: request.destination,
      record: output,
      compression: native.compression,
      provision: () => this.provision(),
    };
  }

  /** The topic may have grown meanwhile. */
  async #checkPartition(partition: number): Promise<void> {
    const { request, provisioner } = this.#parts;
    const { destination } = request;
    this.#partitions = (await provisioner.partitionCount(destination)) ?? 0;
    if (partition < this.#partitions) return;
    throw new MillraceError(
      'SEND_FAILED',
      `topic ${destination} has ${this.#partitions} partitions; there is no partition ${partition}`,
      { retryable: false },
    );
  }
}
