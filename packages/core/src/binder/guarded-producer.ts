import { describeError } from '../errors/describe-error';
import { MillraceError } from '../errors/millrace-error';
import type { ClassCoding } from '../observe/class-coding';
import type { Events } from '../observe/events';
import type { BindingHealth } from '../observe/health';
import type { Logger } from '../observe/logger';
import { Vitals } from '../observe/vitals';
import { within } from '../time/within';
import type { Binder, ProducerBinding, ProducerRequest } from './binder';
import type { BindingHandle, StopOptions } from './binding-handle';
import { judge, vitalsOf } from './binding-health';
import type { OutboundRecord } from './record';
import { StateMachine } from './state-machine';

export interface GuardedProducerParts {
  readonly name: string;
  readonly binderName: string;
  /** Opens the binder, or gives the one already open. */
  readonly openBinder: () => Promise<Binder>;
  readonly request: Omit<ProducerRequest, 'report'>;
  /** Of the classes known on its channel so far. */
  readonly classes: () => readonly ClassCoding[];
  readonly drainMs: number;
  /** Sends are stalled when some are open and none has come through for so long. */
  readonly stalledAfterMs: number;
  readonly events: Events;
  readonly logger: Logger;
}

/** Keeps the contract for a producer binding: sends wait for the opening, and the closing waits for the sends. */
export class GuardedProducer implements BindingHandle {
  readonly direction = 'producer';
  readonly group = undefined;
  readonly brake = 'off';
  readonly #parts: GuardedProducerParts;
  readonly #states: StateMachine;
  #opening: Promise<ProducerBinding> | undefined;
  /** What the opening gave, so that a send need not wait for it again. */
  #opened: ProducerBinding | undefined;
  readonly #vitals = new Vitals();
  #inFlight = 0;
  /** When a send was last settled, or the first of those that are open began; by `performance.now()`. */
  #movedAt = 0;
  readonly #idleWaiters: (() => void)[] = [];

  constructor(parts: GuardedProducerParts) {
    this.#parts = parts;
    this.#states = new StateMachine(parts.name, 'producer', parts.events, parts.logger);
  }

  get name(): string {
    return this.#parts.name;
  }
  get binder(): string {
    return this.#parts.binderName;
  }
  get destination(): string {
    return this.#parts.request.destination;
  }
  get destinations(): readonly string[] {
    return [this.destination];
  }
  get classes(): readonly ClassCoding[] {
    return this.#parts.classes();
  }
  get state(): BindingHandle['state'] {
    return this.#states.state;
  }
  get trouble(): Error | undefined {
    return this.#states.trouble;
  }

  start(): Promise<void> {
    return this.#states.inTurn(async () => {
      if (this.#opening !== undefined) return;
      this.#states.to('starting');
      this.#opening = this.#open();
      try {
        this.#opened = await this.#opening;
      } catch (failure) {
        this.#opening = undefined;
        this.#states.to('failed', failure as Error);
        throw failure;
      }
      this.#states.to('running');
    });
  }

  /** Waits while the binding opens. @throws MillraceError APPLICATION_STATE before the start, APPLICATION_STOPPED after the stop, SEND_FAILED and what the binder says */
  send(record: OutboundRecord): Promise<void> {
    if (this.#opening === undefined || this.#states.is('stopping', 'stopped'))
      return Promise.reject(this.#notSendable());
    if (this.#inFlight === 0) this.#movedAt = performance.now();
    this.#inFlight += 1;
    return this.#handOver(this.#opening, record).then(this.#sent, this.#unsent);
  }

  readonly #sent = (): void => {
    this.#vitals.succeeded();
    this.#settled();
  };

  readonly #unsent = (error: unknown): never => {
    this.#vitals.failed();
    this.#settled();
    throw this.#sendFailed(error);
  };

  health(): BindingHealth {
    const { name, direction, binder, state, trouble, brake } = this;
    return judge({
      ...{ name, direction, binder, state, trouble, brake },
      vitals: this.#vitals,
      open: this.#inFlight,
      workingMs: this.#inFlight === 0 ? undefined : performance.now() - this.#movedAt,
      stalledAfterMs: this.#parts.stalledAfterMs,
      silentAfterMs: Number.POSITIVE_INFINITY,
      workers: undefined,
      told: vitalsOf(this.#opened),
    });
  }

  stop(options: StopOptions = {}): Promise<void> {
    return this.#states.inTurn(async () => {
      if (this.#opening === undefined) return this.#states.giveUp();
      this.#states.to('stopping');
      const binding = await this.#opening;
      this.#opening = undefined;
      this.#opened = undefined;
      const deadlineMs = options.deadlineMs ?? this.#parts.drainMs;
      const closing = this.#idle().then(() => binding.close());
      try {
        if (!(await within(closing, deadlineMs))) {
          this.#parts.logger.error(
            { binding: this.name, inFlight: this.#inFlight, deadlineMs },
            'sends were still unconfirmed at the deadline',
          );
        }
      } catch (error) {
        this.#parts.logger.error({ binding: this.name, err: error }, 'the binder failed to close the binding');
      }
      this.#states.to('stopped');
    });
  }

  pause(): Promise<void> {
    return Promise.reject(
      new MillraceError('APPLICATION_STATE', `'${this.name}' is a producer binding; only consumers can be paused`),
    );
  }

  resume(): Promise<void> {
    return this.pause();
  }

  async #open(): Promise<ProducerBinding> {
    const { openBinder, request, name } = this.#parts;
    try {
      const binder = await openBinder();
      return await binder.bindProducer({ ...request, report: this.#states.reporter() });
    } catch (cause) {
      if (MillraceError.is(cause)) throw cause;
      throw new MillraceError(
        'BINDER_FAILED',
        `binding '${name}' to ${request.destination} failed: ${describeError(cause).message}`,
        { cause },
      );
    }
  }

  /** The contract wants a promise; a binder that throws or gives none does no harm. */
  #handOver(opening: Promise<ProducerBinding>, record: OutboundRecord): Promise<void> {
    try {
      if (this.#opened === undefined) return sendWhenOpen(opening, record);
      return Promise.resolve(this.#opened.send(record));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #settled(): void {
    this.#inFlight -= 1;
    this.#movedAt = performance.now();
    if (this.#inFlight === 0) for (const wake of this.#idleWaiters.splice(0)) wake();
  }

  async #idle(): Promise<void> {
    if (this.#inFlight > 0) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  #sendFailed(cause: unknown): MillraceError {
    if (MillraceError.is(cause)) return cause;
    const reason = describeError(cause).message;
    return new MillraceError('SEND_FAILED', `'${this.name}' could not send to '${this.destination}': ${reason}`, {
      cause,
    });
  }

  #notSendable(): MillraceError {
    const { state, trouble } = this.#states;
    if (state === 'stopping' || state === 'stopped') {
      return new MillraceError('APPLICATION_STOPPED', `'${this.name}' is ${state}; nothing was sent`);
    }
    if (state === 'failed') {
      const reason = trouble === undefined ? '' : `: ${trouble.message}`;
      return new MillraceError('BINDER_FAILED', `'${this.name}' is not open${reason}. Nothing was sent`, {
        cause: trouble,
      });
    }
    return new MillraceError(
      'APPLICATION_STATE',
      `'${this.name}' is ${state}; start the application before sending. Nothing was sent`,
    );
  }
}

function sendWhenOpen(opening: Promise<ProducerBinding>, record: OutboundRecord): Promise<void> {
  return opening.then((opened) => opened.send(record));
}
