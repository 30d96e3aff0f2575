/** Something to be sent. */
export interface Waiting {
  readonly size: number;
  /** Nobody waits for it any more. */
  readonly isOver: boolean;
}

export interface BatchLimits {
  readonly records: number;
  readonly bytes: number;
  /** Milliseconds a batch waits for more; 0: the next turn of the event loop. */
  readonly linger: number;
}

export interface Routes<Item> {
  /** `undefined` while nothing is known of the topic. */
  partitionOf(item: Item): number | undefined;
  leaderOf(partition: number): number;
}

/** Never rejects. Resolves when nothing of the batch is out, with what tells the callers so. */
export type Transmit<Item> = (batch: readonly Item[]) => Promise<() => void>;

/** What has no partition yet; no partition has this number. */
const UNPLACED = -1;

/**
 * Puts what is sent close together into one request for each leader, and sends a leader one request at a time: so the order of a
 * partition is kept, also when a request is repeated (trap 14), a leader that is away holds up its own partitions only, and what
 * comes while a request is out goes together with the next. 500 records a request beat 1,000. Where much has come, the broker has
 * the next request before the callers of the last one hear of it: their work goes on while it is on its way.
 */
export class Batches<Item extends Waiting> {
  readonly #limits: () => BatchLimits;
  readonly #routes: Routes<Item>;
  readonly #transmit: Transmit<Item>;
  readonly #idleWaiters: (() => void)[] = [];
  /** By partition. One that is empty stays: see LinkedQueue for what a Map costs that is changed with every request. */
  readonly #queues = new Map<number, Item[]>();
  /** Partitions of which something is out, and the leaders it was meant for. */
  readonly #out = new Set<number>();
  readonly #busy = new Set<number>();
  #count = 0;
  /** Requests that are answered, and whose callers are about to hear of it. */
  #untold = 0;
  #bytes = 0;
  #turn = 0;
  #isDue = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    limits: () => BatchLimits,
    transmit: Transmit<Item>,
    routes: Routes<Item> = { partitionOf: () => undefined, leaderOf: () => UNPLACED },
  ) {
    this.#limits = limits;
    this.#transmit = transmit;
    this.#routes = routes;
  }

  add(item: Item): void {
    this.#place();
    const partition = this.#hasUnplaced ? UNPLACED : (this.#routes.partitionOf(item) ?? UNPLACED);
    this.#enqueue(partition, item);
    this.#count += 1;
    this.#bytes += item.size;
    if (this.#isFree(partition)) this.#schedule();
  }

  /** Forgets those that are over. */
  sweep(): void {
    for (const [partition, queue] of this.#queues) {
      for (const { size, isOver } of queue) {
        if (!isOver) continue;
        this.#count -= 1;
        this.#bytes -= size;
      }
      this.#queues.set(
        partition,
        queue.filter(({ isOver }) => !isOver),
      );
    }
    this.#wakeIfIdle();
  }

  /** Resolves when nothing waits and nothing is out. */
  async idle(): Promise<void> {
    if (!this.#isIdle) await new Promise<void>((done) => this.#idleWaiters.push(done));
  }

  get #isIdle(): boolean {
    return this.#count === 0 && this.#out.size === 0 && this.#untold === 0;
  }

  get #hasUnplaced(): boolean {
    return (this.#queues.get(UNPLACED)?.length ?? 0) > 0;
  }

  #enqueue(partition: number, item: Item): void {
    const queue = this.#queues.get(partition);
    if (queue === undefined) this.#queues.set(partition, [item]);
    else queue.push(item);
  }

  /** What came before the partitions were known gets its own, ahead of all that follows. */
  #place(): void {
    const unplaced = this.#queues.get(UNPLACED);
    if (!unplaced?.[0] || this.#routes.partitionOf(unplaced[0]) === undefined) return;
    this.#queues.set(UNPLACED, []);
    for (const item of unplaced) this.#enqueue(this.#routes.partitionOf(item) ?? UNPLACED, item);
  }

  /** Whoever has no partition goes alone: it might be anyone's. */
  #isFree(partition: number): boolean {
    if (partition === UNPLACED) return this.#out.size === 0;
    if (this.#out.has(UNPLACED) || this.#out.has(partition)) return false;
    return !this.#busy.has(this.#routes.leaderOf(partition));
  }

  #schedule(): void {
    if (this.#isDue || this.#count === 0) return;
    const { records, bytes, linger } = this.#limits();
    const isFull = this.#count >= records || this.#bytes >= bytes;
    if (linger > 0 && !isFull) {
      this.#timer ??= setTimeout(() => this.#send(), linger);
      return;
    }
    this.#isDue = true;
    // The callers of the last request send again in this turn, as a rule: they come along.
    setImmediate(() => this.#send());
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isDue = false;
    this.#place();
    const ready = new Map<number, number[]>();
    for (const [partition, { length }] of this.#queues) {
      if (length === 0 || !this.#isFree(partition)) continue;
      const leader = partition === UNPLACED ? UNPLACED : this.#routes.leaderOf(partition);
      ready.set(leader, [...(ready.get(leader) ?? []), partition]);
    }
    for (const [leader, partitions] of ready) this.#request(leader, partitions);
  }

  #request(leader: number, partitions: readonly number[]): void {
    const { batch, taken } = this.#next(partitions);
    for (const partition of taken) this.#out.add(partition);
    this.#busy.add(leader);
    void this.#transmit(batch).then((tell) => {
      for (const partition of taken) this.#out.delete(partition);
      this.#busy.delete(leader);
      this.#untold += 1;
      const told = (): void => {
        tell();
        this.#untold -= 1;
        this.#wakeIfIdle();
        this.#schedule();
      };
      if (!this.#hasMuchAfter(batch.length)) return told();
      this.#send();
      setImmediate(told);
    });
  }

  /** Whether the next request is not worth waiting for more: the callers of the last one, so many, send again as a rule. */
  #hasMuchAfter(answered: number): boolean {
    const { records, bytes, linger } = this.#limits();
    if (this.#count >= records || this.#bytes >= bytes) return true;
    return linger === 0 && this.#count > 0 && this.#count >= answered / 4;
  }

  #wakeIfIdle(): void {
    if (this.#isIdle) for (const wake of this.#idleWaiters.splice(0)) wake();
  }

  /** At least one record, however large. The partitions take turns in being the first. */
  #next(partitions: readonly number[]): { batch: Item[]; taken: number[] } {
    const limits = this.#limits();
    const batch: Item[] = [];
    const taken: number[] = [];
    let bytes = 0;
    this.#turn += 1;
    for (let index = 0; index < partitions.length && batch.length < limits.records; index += 1) {
      const partition = partitions[(this.#turn + index) % partitions.length] as number;
      const queue = this.#queues.get(partition) ?? [];
      let count = 0;
      for (const { size } of queue) {
        const before = batch.length + count;
        if (before > 0 && (before >= limits.records || bytes + size > limits.bytes)) break;
        count += 1;
        bytes += size;
      }
      if (count === 0) break;
      const rest = queue.splice(count);
      for (const item of queue) batch.push(item);
      taken.push(partition);
      this.#queues.set(partition, rest);
    }
    this.#count -= batch.length;
    this.#bytes -= bytes;
    return { batch, taken };
  }
}
