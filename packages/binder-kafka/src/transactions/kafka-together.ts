import type { ConsumerRequest, DeadLetter, InboundRecord, MessageHeaders, Settlement } from '@millrace/core/spi';
import type { Together } from '../consuming/kafka-delivery-options';
import type { KafkaSubscription } from '../consuming/kafka-subscription';
import type { KafkaWindow, WindowEntry } from '../consuming/kafka-window';
import type { KafkaConsumerOptions } from '../kafka-options';
import type { KafkaPort, Position, RecordToSend, TopicPartition } from '../kafka-port';
import type { KafkaTroubles } from '../kafka-troubles';
import type { KafkaProvisioner } from '../provisioning/kafka-provisioner';
import type { KafkaOutputs, Output } from './kafka-outputs';
import { KafkaTransactions } from './kafka-transactions';

export interface TogetherOptions {
  readonly request: ConsumerRequest;
  readonly native: KafkaConsumerOptions;
  readonly group: string;
  readonly port: KafkaPort;
  readonly provisioner: KafkaProvisioner;
  readonly troubles: KafkaTroubles;
  readonly outputs: KafkaOutputs;
  readonly subscription: () => KafkaSubscription;
  /** Whether it has no partitions just now, and joins for some. */
  readonly isAway: () => boolean;
  /** Where a record is parked for the delay; `undefined`: it is to be held in memory. */
  readonly place: (
    window: KafkaWindow,
    entry: WindowEntry,
    delayMs: number,
    headers: MessageHeaders | undefined,
  ) => Promise<{ readonly topic: string; readonly record: RecordToSend } | undefined>;
  /** Makes the topics of dead and parked records. */
  readonly provision: () => Promise<void>;
}

/** Beside two heartbeats: what a member waits for the group to tell it that it was out. */
const REJOIN_PATIENCE_MS = 1_000;

/** What the binding writes for a record, be it an output, a dead letter or the record itself for later, goes with its end. */
export class KafkaTogether implements Together<Output> {
  readonly #options: TogetherOptions;
  readonly #transactions: KafkaTransactions;
  readonly #reportLoss: (trouble: Error | undefined) => void;
  #rejoin: NodeJS.Timeout | undefined;
  #isEnded = false;

  constructor(options: TogetherOptions) {
    const { request, native, group, port, provisioner, troubles, subscription } = options;
    this.#options = options;
    this.#reportLoss = troubles.reporter();
    this.#transactions = new KafkaTransactions({
      binding: request.binding,
      group,
      newPort: ({ topic, partition }) =>
        port.transactions({
          transactionalId: `${native.transactionalIdPrefix}${group}.${topic}.${partition}`,
          timeout: native.transactionTimeout,
        }),
      confirm: () => subscription().confirm(),
      committed: (partition) => subscription().committed(partition),
      limitOf: (topic) => provisioner.limitOf(topic),
      troubles,
      lost: (error) => this.#lost(error),
    });
  }

  take(partitions: readonly TopicPartition[], kept: boolean): Promise<void> {
    return this.#transactions.take(partitions, kept);
  }

  assigned(windows: readonly KafkaWindow[], committed: readonly Position[]): void {
    clearTimeout(this.#rejoin);
    this.#reportLoss(undefined);
    this.#transactions.assigned(windows, committed);
  }

  quiet(): Promise<void> {
    return this.#transactions.quiet();
  }

  async end(): Promise<void> {
    this.#isEnded = true;
    clearTimeout(this.#rejoin);
    await this.#transactions.end();
  }

  handedOver(window: KafkaWindow, { isSuspect }: WindowEntry, record: InboundRecord): void {
    if (isSuspect) this.#options.outputs.tryFirst(record, (output) => this.#transactions.tryOut(window, output));
  }

  deadLetter(letter: DeadLetter, topic: string, record: RecordToSend): Promise<void> {
    return this.#options.outputs.setLetter(letter.record, this.#own(topic, record));
  }

  async outputs(
    window: KafkaWindow,
    entry: WindowEntry,
    delivered: InboundRecord,
    settlement: Settlement,
  ): Promise<readonly Output[] | undefined> {
    if (settlement.verdict !== 'requeue')
      return this.#options.outputs.of(delivered, settlement.verdict === 'ack' ? settlement.unitOfWork : undefined);
    const placed = await this.#options.place(window, entry, settlement.delayMs ?? 0, settlement.headers);
    if (placed === undefined) return undefined;
    const output = this.#own(placed.topic, placed.record);
    return !entry.isSuspect || (await this.#isTaken(window, output)) ? [output] : undefined;
  }

  commit(window: KafkaWindow, entry: WindowEntry, outputs: readonly Output[]): Promise<boolean> {
    return this.#transactions.settle(window, entry, outputs);
  }

  /** A member that is out hears of it with its next heartbeat, and joins anew by itself; else it is made to. */
  #lost(error: Error): void {
    if (this.#isEnded) return;
    this.#reportLoss(error);
    clearTimeout(this.#rejoin);
    const { native, subscription, isAway } = this.#options;
    const patienceMs = native.heartbeatInterval * 2 + REJOIN_PATIENCE_MS;
    this.#rejoin = setTimeout(() => {
      if (!isAway()) subscription().rejoin(error);
    }, patienceMs);
  }

  #own(topic: string, record: RecordToSend): Output {
    return { topic, record, compression: 'none', provision: this.#options.provision };
  }

  async #isTaken(window: KafkaWindow, output: Output): Promise<boolean> {
    try {
      await this.#transactions.tryOut(window, output);
      return true;
    } catch {
      return false;
    }
  }
}
