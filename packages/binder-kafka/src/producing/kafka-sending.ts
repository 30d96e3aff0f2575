import type { RecordToSend } from '../kafka-port';
import type { Waiting } from './kafka-batches';
import type { Due } from './kafka-deadlines';

/** A record on its way, and the caller who waits for it. Its first end counts; what comes later is nobody's concern. */
export class Sending implements Waiting, Due<Sending> {
  readonly topic: string;
  readonly record: RecordToSend;
  readonly size: number;
  /** Where it goes; known before it is sent, or from its second try on. */
  partition: number | undefined;
  isOver = false;
  dueAt = 0;
  before: Sending | undefined;
  after: Sending | undefined;
  readonly #done: () => void;
  readonly #failed: (error: unknown) => void;
  readonly #ended: (sending: Sending) => void;

  constructor(
    what: { readonly topic: string; readonly record: RecordToSend; readonly size: number },
    done: () => void,
    failed: (error: unknown) => void,
    ended: (sending: Sending) => void,
  ) {
    this.topic = what.topic;
    this.record = what.record;
    this.size = what.size;
    this.#done = done;
    this.#failed = failed;
    this.#ended = ended;
  }

  /** The record, in its partition. */
  get placed(): RecordToSend {
    const { key, value, headers, timestamp } = this.record;
    const partition = this.partition ?? this.record.partition;
    return partition === this.record.partition ? this.record : { key, value, headers, partition, timestamp };
  }

  resolve(): void {
    if (!this.isOver) this.#end(this.#done);
  }

  reject(error: unknown): void {
    if (!this.isOver) this.#end(() => this.#failed(error));
  }

  #end(tell: () => void): void {
    this.isOver = true;
    this.#ended(this);
    tell();
  }
}
