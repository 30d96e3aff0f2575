import type { ConsumerPort } from '../rabbitmq-port';

type State = 'open' | 'acked' | 'told';

/** An acknowledgement soon after another waits for others to go with; one that comes alone goes at once. */
const LONGEST_WAIT_MS = 3;

/**
 * Acknowledgements of one channel. They go out together, when half of what the broker sends ahead is finished or some milliseconds
 * have passed since the last, and where nothing open is left before them, as one: the broker's work for each is what bounds a
 * consumer. Tags belong to their channel (trap 5): when it is gone, so is this, and takes verdicts without telling anybody.
 */
export class RabbitmqAcks {
  readonly #channel: Pick<ConsumerPort, 'ack' | 'nack'>;
  readonly #enough: number;
  /** States of the tags from `#first` on. Tags come in order, 1, 2, 3. */
  #states: State[] = [];
  #head = 0;
  #first = 1;
  /** Acknowledged since the last {@link flush}. */
  #acked: number[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** By `performance.now()`. */
  #flushedAt = Number.NEGATIVE_INFINITY;
  #isEnded = false;

  constructor(channel: Pick<ConsumerPort, 'ack' | 'nack'>, prefetch: number) {
    this.#channel = channel;
    this.#enough = Math.max(1, prefetch >> 1);
  }

  /** Whether the channel is gone: what was delivered on it comes again. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  arrived(tag: number): void {
    const expected = this.#first + this.#states.length - this.#head;
    // What the client has passed on to nobody is open for good: to acknowledge all up to a later one would lose it.
    for (let missing = expected; missing < tag; missing += 1) this.#states.push('open');
    this.#states.push('open');
  }

  ack(tag: number): void {
    const place = this.#placeOf(tag);
    if (place === undefined) return;
    this.#states[place] = 'acked';
    const count = this.#acked.push(tag);
    if (count === this.#enough) this.#flushSoon();
    else if (count === 1) {
      const waitMs = this.#flushedAt + LONGEST_WAIT_MS - performance.now();
      if (waitMs > 0) this.#timer ??= setTimeout(this.flush, waitMs);
      else this.#flushSoon();
    }
  }

  /** Told at once, so that a later acknowledgement of all before it does not mean this one. */
  nack(tag: number, requeue: boolean): void {
    const place = this.#placeOf(tag);
    if (place === undefined) return;
    this.#states[place] = 'told';
    this.#channel.nack(tag, requeue);
  }

  /** Tells the broker what was acknowledged. */
  readonly flush = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const acked = this.#acked;
    if (this.#isEnded || acked.length === 0) return;
    this.#acked = [];
    this.#flushedAt = performance.now();
    const [last, count] = this.#takeFinished();
    // The broker does not know a tag that it was told before: the last one must be new to it.
    if (count > 0) this.#channel.ack(last, count > 1);
    if (count < acked.length) this.#tellOneByOne(acked);
  };

  /** Those that finish in the same turn of the event loop still go with it. */
  #flushSoon(): void {
    setImmediate(this.flush);
  }

  /** The channel is gone. */
  end(): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    this.#states = [];
    this.#acked = [];
  }

  /** Moves on to the first tag that is open; gives the last acknowledged before it, and how many the broker does not know yet. */
  #takeFinished(): [last: number, count: number] {
    let last = 0;
    let count = 0;
    for (let state = this.#states[this.#head]; state !== undefined && state !== 'open'; ) {
      if (state === 'acked') {
        last = this.#first;
        count += 1;
      }
      this.#head += 1;
      this.#first += 1;
      state = this.#states[this.#head];
    }
    if (this.#head * 2 > this.#states.length) {
      this.#states = this.#states.slice(this.#head);
      this.#head = 0;
    }
    return [last, count];
  }

  #tellOneByOne(tags: readonly number[]): void {
    for (const tag of tags) {
      if (tag < this.#first) continue;
      this.#states[tag - this.#first + this.#head] = 'told';
      this.#channel.ack(tag, false);
    }
  }

  /** `undefined`: too late, or a second time. */
  #placeOf(tag: number): number | undefined {
    const place = tag - this.#first + this.#head;
    return this.#isEnded || tag < this.#first || this.#states[place] !== 'open' ? undefined : place;
  }
}
