import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaWindow, WindowEntry } from '../consuming/kafka-window';
import { isOutcast, isRefusal, sendFailed, transactionFailed, typeOf } from '../kafka-errors';
import type { TransactionPort } from '../kafka-port';
import { outputBatches } from './kafka-output-batches';
import type { Output } from './kafka-outputs';

export interface PartitionWorkOptions {
  readonly binding: string;
  readonly group: string;
  readonly window: KafkaWindow;
  /** Holds the partition's transactional id since before `base` was read. */
  readonly port: TransactionPort;
  /** The group's position when the id was taken. */
  readonly base: string | undefined;
  readonly newPort: () => TransactionPort;
  /** Rejects where the group no longer knows this member. */
  readonly confirm: () => Promise<void>;
  readonly committed: () => Promise<string | undefined>;
  readonly limitOf: (topic: string) => number | undefined;
  readonly report: (trouble: Error | undefined) => void;
  /** Somebody else has the partition, or has had it: what is in hand of it is void. */
  readonly lost: (error: Error) => void;
}

/** A record whose end is decided, and what is to be written with it. */
interface Settled {
  readonly entry: WindowEntry;
  readonly outputs: readonly Output[];
  /** `true` when it is committed; `false` when it is to be delivered again, or is another's. */
  readonly done: (isCommitted: boolean) => void;
}

type Ending = 'committed' | 'refused' | 'ended';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/**
 * The transactions of one partition, one at a time: what is settled without a gap goes into the next one, outputs and position.
 * One rule makes it safe: whoever took the transactional id last, and read the group's position after that, may go on from that
 * position, and nobody else can. So after any failure the id is taken anew and the position read again: it tells whether the
 * transaction was committed, was not, or the partition is another's by now.
 */
export class KafkaPartitionWork {
  readonly #options: PartitionWorkOptions;
  readonly #settled = new Map<WindowEntry, Settled>();
  readonly #quietWaiters: (() => void)[] = [];
  #port: TransactionPort | undefined;
  #base: string | undefined;
  #isRunning = false;
  #isEnded = false;
  /** So many from the first on go one by one, because one of them was refused. */
  #alone = 0;
  #trials: Promise<unknown> = Promise.resolve();
  #cancel = new AbortController();

  constructor(options: PartitionWorkOptions) {
    this.#options = options;
    this.#port = options.port;
    this.#base = options.base;
  }

  get window(): KafkaWindow {
    return this.#options.window;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Resolves with whether it was committed; later ones wait for earlier ones. */
  settle(entry: WindowEntry, outputs: readonly Output[]): Promise<boolean> {
    if (this.#isEnded) return Promise.resolve(false);
    entry.isSettled = true;
    return new Promise((done) => {
      this.#settled.set(entry, { entry, outputs, done });
      if (this.#isRunning) return;
      this.#isRunning = true;
      // What is settled in the same turn comes along.
      setImmediate(() => void this.#run());
    });
  }

  /** Whether the broker would take the output: it is written, and undone. @throws MillraceError SEND_FAILED */
  tryOut(output: Output): Promise<void> {
    const trial = this.#trials.then(() => this.#try(output));
    this.#trials = trial.catch(() => undefined);
    return trial;
  }

  /** Resolves when nothing is under way: what is settled still waits for something unfinished before it. */
  async quiet(): Promise<void> {
    if (this.#isRunning) await new Promise<void>((resolve) => this.#quietWaiters.push(resolve));
  }

  /** Nothing is committed any more. */
  async end(): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#options.report(undefined);
    this.#cancel.abort();
    for (const { done } of this.#settled.values()) done(false);
    this.#settled.clear();
    await this.#letGo();
  }

  async #run(): Promise<void> {
    while (!this.#isEnded) {
      const settled = this.window.settled();
      const count = this.#alone > 0 ? Math.min(1, settled.length) : settled.length;
      const position = this.window.positionBehind(count);
      if (count === 0 || position === undefined) break;
      const items = settled.slice(0, count).flatMap((entry) => this.#settled.get(entry) ?? []);
      this.#conclude(items, position, await this.#transact(items, position));
    }
    this.#isRunning = false;
    for (const wake of this.#quietWaiters.splice(0)) wake();
  }

  #conclude(items: readonly Settled[], position: string, ending: Ending): void {
    if (ending === 'ended' || this.#isEnded) return;
    if (ending === 'refused' && items.length > 1) {
      this.#alone = items.length;
      return;
    }
    this.#alone = Math.max(0, this.#alone - items.length);
    const isCommitted = ending === 'committed';
    if (isCommitted) {
      this.#base = position;
      this.window.committed = position;
    }
    for (const { entry, done } of items) {
      this.#settled.delete(entry);
      if (isCommitted) this.window.finish(entry);
      else {
        entry.isSuspect = true;
        entry.isSettled = false;
      }
      done(isCommitted);
    }
  }

  async #transact(items: readonly Settled[], position: string): Promise<Ending> {
    const { window, group, limitOf } = this.#options;
    const outputs = items.flatMap((item) => item.outputs);
    for (let tries = 0; !this.#isEnded; tries += 1) {
      try {
        const port = this.#opened();
        // The position first: only that request waits for the end of the transaction before.
        await port.position(group, { topic: window.topic, partition: window.partition, offset: position });
        for (const { topic, records, compression } of outputBatches(outputs, limitOf))
          await port.send(topic, records, compression);
        await port.commit();
        this.#tell(undefined);
        return 'committed';
      } catch (error) {
        if (this.#isEnded) break;
        const found = await this.#takeAnew(error, tries, position);
        if (found === 'ended') break;
        if (found === position) {
          this.#tell(undefined);
          return 'committed';
        }
        if (isRefusal(error) && !(await this.#isThereAgain(error, outputs))) return 'refused';
      }
    }
    return 'ended';
  }

  async #try(output: Output): Promise<void> {
    for (let tries = 0; !this.#isEnded; tries += 1) {
      try {
        const port = this.#opened();
        await port.send(output.topic, [output.record], output.compression);
        await port.abort();
        this.#tell(undefined);
        return;
      } catch (error) {
        if ((await this.#takeAnew(error, tries, this.#base)) === 'ended') break;
        if (isRefusal(error) && !(await this.#isThereAgain(error, [output]))) {
          this.#tell(undefined);
          throw sendFailed(output.topic, error);
        }
      }
    }
    throw sendFailed(output.topic, new Error('its partition was given up'));
  }

  #opened(): TransactionPort {
    if (this.#port === undefined) throw new Error('the transactional id is not held');
    return this.#port;
  }

  /** Until it is known how things are: the group's position, which is the one before or behind the failed transaction. */
  async #takeAnew(
    cause: unknown,
    triesBefore: number,
    behind: string | undefined,
  ): Promise<string | undefined | 'ended'> {
    const { binding, window, confirm, committed, newPort } = this.#options;
    let error = cause;
    for (let tries = triesBefore; !this.#isEnded; tries += 1) {
      // A refused output says nothing of the broker.
      if (!isRefusal(error)) this.#tell(transactionFailed(binding, window, error));
      if (tries > 0) await this.#rest(tries);
      try {
        await this.#letGo();
        // One that was away and does not know it shall not end the transactions of the member that has the partition now.
        await confirm();
        const port = newPort();
        this.#port = port;
        await port.open();
        const found = await committed();
        if (this.#isEnded) await this.#letGo();
        else if (found === this.#base || found === behind) return found;
        else this.#lose(new Error(`the group is at ${found}, this member at ${this.#base}`));
      } catch (failure) {
        error = failure;
        if (isOutcast(failure)) this.#lose(failure);
      }
    }
    return 'ended';
  }

  /** A topic that was deleted is made again, where that may be done. */
  async #isThereAgain(error: unknown, outputs: readonly Output[]): Promise<boolean> {
    if (typeOf(error) !== 'UNKNOWN_TOPIC_OR_PARTITION') return false;
    try {
      for (const provision of new Set(outputs.map((output) => output.provision))) await provision();
      return true;
    } catch {
      return false;
    }
  }

  #lose(cause: unknown): void {
    const { binding, window, lost } = this.#options;
    void this.end();
    lost(transactionFailed(binding, window, cause));
  }

  async #letGo(): Promise<void> {
    const port = this.#port;
    this.#port = undefined;
    await port?.disconnect();
  }

  async #rest(tries: number): Promise<void> {
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries, 10));
    await sleep(longest * (0.5 + Math.random() / 2), undefined, { signal: this.#cancel.signal }).catch(() => undefined);
  }

  #tell(trouble: Error | undefined): void {
    if (!this.#isEnded) this.#options.report(trouble);
  }
}
