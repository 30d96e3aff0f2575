import type { InboundRecord, UnitOfWork } from '@millrace/core/spi';
import type { Compression, RecordToSend } from '../kafka-port';

/** A record that is to be written together with the end of another. */
export interface Output {
  readonly topic: string;
  readonly record: RecordToSend;
  readonly compression: Compression;
  /** Makes its topic, where it has gone. */
  readonly provision: () => Promise<void>;
}

/** Rejects where the broker would not take the output. */
export type Trial = (output: Output) => Promise<void>;

/**
 * What was sent under `exactlyOnce` and waits for the verdict on its input. Kept by the attempt it was sent in, so that what a
 * failed one has sent is forgotten with it.
 */
export class KafkaOutputs {
  readonly #sent = new WeakMap<UnitOfWork, Output[]>();
  readonly #letters = new WeakMap<InboundRecord, Output>();
  readonly #trials = new WeakMap<InboundRecord, Trial>();

  /** What is sent for this record is tried before it is kept. */
  tryFirst(record: InboundRecord, trial: Trial): void {
    this.#trials.set(record, trial);
  }

  async add(work: UnitOfWork, output: Output): Promise<void> {
    await this.#trials.get(work.record)?.(output);
    const sent = this.#sent.get(work);
    if (sent === undefined) this.#sent.set(work, [output]);
    else sent.push(output);
  }

  async setLetter(record: InboundRecord, letter: Output): Promise<void> {
    await this.#trials.get(record)?.(letter);
    this.#letters.set(record, letter);
  }

  /** What goes with an `ack`: the outputs of the attempt it names, or the dead letter. */
  of(record: InboundRecord, work: UnitOfWork | undefined): readonly Output[] {
    const letter = this.#letters.get(record);
    if (work !== undefined) return this.#sent.get(work) ?? [];
    return letter === undefined ? [] : [letter];
  }
}
