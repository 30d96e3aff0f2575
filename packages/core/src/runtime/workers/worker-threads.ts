import { randomUUID } from 'node:crypto';
import type { Workers } from '../../binder/guarded-consumer';
import type { InboundRecord } from '../../binder/record';
import { errorFrom } from '../../errors/carried-error';
import { describeError } from '../../errors/describe-error';
import { MillraceError } from '../../errors/millrace-error';
import type { Output } from '../../inbox/kept-outputs';
import { headerCopies } from '../../message/header-copies';
import type { Events } from '../../observe/events';
import type { WorkersHealth } from '../../observe/health';
import type { Logger } from '../../observe/logger';
import { Invalid } from '../../pipeline/decode-limited';
import { notTaken } from '../../pipeline/handler-route';
import { within } from '../../time/within';
import { ThreadPool } from './thread-pool';
import { interruptions, type WorkerAnswer, type WorkerSetup } from './worker-messages';
import type { WorkerOptions } from './worker-options';

/** What a thread may take to load its module and make its components. */
const START_LIMIT_MS = 60_000;
/** For how long a handler may go on after its signal has fired, before its thread is ended. */
const STOP_LIMIT_MS = 1_000;

export interface WorkerThreadsParts {
  readonly binding: string;
  readonly threads: number;
  readonly options: WorkerOptions;
  /** Asked for at each opening. */
  readonly setup: () => Omit<WorkerSetup, 'calls'>;
  readonly events: Events;
  readonly logger: Logger;
}

/** The worker threads of one consumer binding, seen from the application. */
export class WorkerThreads implements Workers {
  readonly #parts: WorkerThreadsParts;
  #pool: ThreadPool | undefined;

  constructor(parts: WorkerThreadsParts) {
    this.#parts = parts;
  }

  async open(): Promise<void> {
    if (this.#pool !== undefined) return;
    const { threads, options, setup } = this.#parts;
    const lost = (error: Error): void => this.#tellLost(error);
    const pool = new ThreadPool({ threads, options, lost, setup: { ...setup(), calls: `millrace:${randomUUID()}` } });
    this.#pool = pool;
    try {
      await this.#begin(pool);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    await pool?.close();
  }

  health(): WorkersHealth | undefined {
    const pool = this.#pool;
    return pool && Object.freeze({ threads: this.#parts.threads, running: pool.running, lost: pool.lost });
  }

  /** Resolves when a thread is free; `undefined` where one is. */
  free(): Promise<void> | undefined {
    return this.#pool?.free();
  }

  /**
   * Has a thread decode and handle the record.
   *
   * @returns what is to be sent when the attempt has succeeded, or {@link notTaken}
   * @throws Invalid, what the handler threw, or MillraceError WORKER_LOST
   */
  async handle(
    record: InboundRecord,
    attempt: number,
    signal: AbortSignal,
  ): Promise<readonly Output[] | typeof notTaken> {
    const pool = this.#pool;
    if (pool === undefined)
      throw new MillraceError('WORKER_LOST', `the worker threads of '${this.#parts.binding}' have ended`);
    const interruption = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const request = new AbortController();
    let patience: NodeJS.Timeout | undefined;
    const interrupt = (): void => {
      const isLate = MillraceError.is(signal.reason, 'HANDLER_TIMEOUT');
      Atomics.store(interruption, 0, isLate ? interruptions.timeout : interruptions.deadline);
      pool.call('look');
      patience = setTimeout(() => pool.kill(request, wentOn()), STOP_LIMIT_MS);
    };
    signal.addEventListener('abort', interrupt, { once: true });
    try {
      const own = ownMemory(record);
      const transferred = own.payload === null ? [] : [own.payload.buffer as ArrayBuffer];
      const handling = { kind: 'handle', record: own, attempt, interruption } as const;
      return await this.#outcome(await pool.ask(handling, transferred, request.signal), pool);
    } finally {
      signal.removeEventListener('abort', interrupt);
      clearTimeout(patience);
    }
  }

  async #begin(pool: ThreadPool): Promise<void> {
    const { threads, binding } = this.#parts;
    const begun = Promise.all(Array.from({ length: threads }, () => pool.ask({ kind: 'begin' }, [])));
    if (
      !(await within(
        begun.catch(() => undefined),
        START_LIMIT_MS,
      ))
    ) {
      throw new MillraceError(
        'WIRING_INVALID',
        `the worker threads of '${binding}' were not set up within ${START_LIMIT_MS} ms: their module, or a component's constructor, waits for something`,
      );
    }
    for (const answer of await this.#settled(begun)) if (answer.kind === 'unfit') throw errorFrom(answer.error);
  }

  /** At the start there is no message to be lost. */
  async #settled(begun: Promise<readonly WorkerAnswer[]>): Promise<readonly WorkerAnswer[]> {
    try {
      return await begun;
    } catch (cause) {
      const reason = describeError((cause as Error).cause).message;
      throw new MillraceError(
        'WIRING_INVALID',
        `a worker thread of '${this.#parts.binding}' ended while it was set up: ${reason}`,
        { cause },
      );
    }
  }

  async #outcome(answer: WorkerAnswer, pool: ThreadPool): Promise<readonly Output[] | typeof notTaken> {
    switch (answer.kind) {
      case 'done':
        return answer.outputs;
      case 'notTaken':
        return notTaken;
      case 'invalid':
        throw new Invalid(errorFrom(answer.error));
      case 'failed':
        throw errorFrom(answer.error);
      case 'unfit':
        // Another one may have better luck.
        await pool.retire();
        throw unfitError(errorFrom(answer.error));
    }
  }

  #tellLost(error: Error): void {
    const { binding, events, logger } = this.#parts;
    logger.error({ binding, err: error }, 'a worker thread has ended; another takes its place');
    if (events.listens('worker')) events.emit('worker', { binding, error });
  }
}

function unfitError(cause: unknown): MillraceError {
  const reason = describeError(cause).message;
  return new MillraceError(
    'WORKER_LOST',
    `a worker thread that takes the place of another could not be set up: ${reason}`,
    {
      cause,
    },
  );
}

function wentOn(): Error {
  return new Error(`its handler went on for ${STOP_LIMIT_MS} ms after its signal had fired`);
}

/** With memory of its own: structured cloning takes all that is behind a view, and transferring takes it away. */
function ownMemory({
  payload,
  headers,
  destination,
  key,
  partition,
  position,
  timestamp,
  deliveries,
}: InboundRecord): InboundRecord {
  return {
    destination,
    payload: payload && new Uint8Array(payload),
    headers: headerCopies(headers),
    key,
    partition,
    position,
    timestamp,
    deliveries,
  };
}
