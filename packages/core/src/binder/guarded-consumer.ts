import { describeError } from '../errors/describe-error';
import { MillraceError } from '../errors/millrace-error';
import type { ClassCoding } from '../observe/class-coding';
import type { BrakeState, Events } from '../observe/events';
import type { BindingHealth, WorkersHealth } from '../observe/health';
import type { Logger } from '../observe/logger';
import type { Vitals } from '../observe/vitals';
import { within } from '../time/within';
import type { Binder, ConsumerBinding, ConsumerRequest } from './binder';
import type { BindingHandle, StopOptions } from './binding-handle';
import { judge, vitalsOf } from './binding-health';
import type { Capabilities } from './capabilities';
import type { Deliver } from './record';
import { StateMachine } from './state-machine';

/** Where calls wait for the brake, as far as the binding has to do with it. */
export interface Gate {
  readonly state: BrakeState;
  /** An open brake lets one call through at once. */
  tryNow(): void;
}

/** The part of core that deliveries flow into; a fresh one for each opening. */
export interface Intake {
  readonly deliver: Deliver;
  /** Deliveries that are not settled yet. */
  readonly open: number;
  /** When work began on the record that has been worked on for longest, by `performance.now()`. */
  readonly workingSince: number | undefined;
  readonly gate: Gate | undefined;
  pause(): void;
  resume(): void;
  /** Ends intake: what waits goes back at once, what runs goes on. */
  end(): void;
  /** Tells running handlers that time is up; their records go back. */
  abort(reason: Error): void;
  /** Resolves when nothing is open. */
  idle(): Promise<void>;
}

/** What an intake is told of the binding it belongs to. */
export interface Opening {
  readonly capabilities: Capabilities;
  /** Resolves when the binding is open; deliveries may begin before. */
  readonly opened: Promise<ConsumerBinding>;
  readonly report: (trouble: Error | undefined) => void;
  /** Whether the binder is to hand over nothing for the time being. Beside pause and resume, which are somebody's wish. */
  readonly hold: (isHeld: boolean) => void;
}

/** Threads that handlers run in, opened before the binding and closed after it. */
export interface Workers {
  /** Resolves when every one of them is set up. Harmless when they are open. @throws MillraceError with what is wrong with them */
  open(): Promise<void>;
  /** Ends them, whatever they do. Harmless when they are closed. Never rejects. */
  close(): Promise<void>;
  health(): WorkersHealth | undefined;
}

export interface GuardedConsumerParts {
  readonly name: string;
  readonly binderName: string;
  /** Opens the binder, or gives the one already open. */
  readonly openBinder: () => Promise<Binder>;
  readonly request: Omit<ConsumerRequest, 'deliver' | 'report'>;
  readonly openIntake: (opening: Opening) => Intake;
  /** Of the classes known on its channel so far. */
  readonly classes: () => readonly ClassCoding[];
  /** Absent where handlers run in the thread of the application. */
  readonly workers: Workers | undefined;
  readonly drainMs: number;
  readonly startPaused: boolean;
  /** Kept up to date by whoever calls the handlers. */
  readonly vitals: Vitals;
  /** A record worked on for longer is stalled. */
  readonly stalledAfterMs: number;
  /** A client silent for longer is stalled. */
  readonly silentAfterMs: number;
  readonly events: Events;
  readonly logger: Logger;
}

/** What a binder may take to close after its deliveries are settled, before core goes on without it. */
const CLOSE_LIMIT_MS = 10_000;

/** Keeps the contract for a consumer binding, so that binders need no state of their own: open once, close once, drain between. */
export class GuardedConsumer implements BindingHandle {
  readonly direction = 'consumer';
  readonly #parts: GuardedConsumerParts;
  readonly #states: StateMachine;
  #opened: { readonly binding: ConsumerBinding; readonly intake: Intake } | undefined;
  /** Somebody wants it paused. */
  #isPaused = false;
  /** The intake wants it held. */
  #isHeld = false;
  /** What the binder was told last. */
  #isBinderPaused = false;

  constructor(parts: GuardedConsumerParts) {
    this.#parts = parts;
    this.#states = new StateMachine(parts.name, 'consumer', parts.events, parts.logger);
  }

  get name(): string {
    return this.#parts.name;
  }
  get binder(): string {
    return this.#parts.binderName;
  }
  get destinations(): readonly string[] {
    return this.#parts.request.destinations;
  }
  get group(): string | undefined {
    return this.#parts.request.group;
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
  get brake(): BrakeState {
    return this.#opened?.intake.gate?.state ?? 'off';
  }

  health(): BindingHealth {
    const { name, direction, binder, state, trouble, brake } = this;
    const { vitals, stalledAfterMs, silentAfterMs, workers } = this.#parts;
    const { intake, binding } = this.#opened ?? {};
    const since = intake?.workingSince;
    return judge({
      ...{ name, direction, binder, state, trouble, brake, vitals, stalledAfterMs, silentAfterMs },
      open: intake?.open ?? 0,
      workingMs: since === undefined ? undefined : performance.now() - since,
      told: vitalsOf(binding),
      workers: workers?.health(),
    });
  }

  start(): Promise<void> {
    return this.#states.inTurn(async () => {
      if (this.#opened !== undefined) return;
      this.#states.to('starting');
      await this.#open();
    });
  }

  pause(): Promise<void> {
    return this.#states.inTurn(async () => {
      if (!this.#states.is('running', 'paused') || this.#opened === undefined) return;
      this.#isPaused = true;
      this.#opened.intake.pause();
      await this.#settlePause(this.#opened.binding);
    });
  }

  resume(): Promise<void> {
    return this.#states.inTurn(async () => {
      if (!this.#states.is('paused') || this.#opened === undefined) return;
      this.#isPaused = false;
      this.#opened.intake.gate?.tryNow();
      this.#opened.intake.resume();
      await this.#settlePause(this.#opened.binding);
    });
  }

  stop(options: StopOptions = {}): Promise<void> {
    return this.#states.inTurn(async () => {
      if (this.#opened === undefined) {
        await this.#parts.workers?.close();
        return this.#states.giveUp();
      }
      this.#states.to('stopping');
      const { binding, intake } = this.#opened;
      this.#opened = undefined;
      await this.#drain(binding, intake, options.deadlineMs ?? this.#parts.drainMs);
      await this.#parts.workers?.close();
      this.#states.to('stopped');
    });
  }

  async #open(): Promise<void> {
    const { request, startPaused, name } = this.#parts;
    this.#isPaused = startPaused;
    this.#isHeld = false;
    this.#isBinderPaused = false;
    try {
      await this.#parts.workers?.open();
      this.#opened = await this.#bind(await this.#parts.openBinder());
    } catch (cause) {
      const failure = MillraceError.is(cause)
        ? cause
        : new MillraceError(
            'BINDER_FAILED',
            `binding '${name}' to ${request.destinations.join(', ')} failed: ${describeError(cause).message}`,
            { cause },
          );
      this.#states.to('failed', failure);
      throw failure;
    }
    this.#states.to(this.#isBinderPaused ? 'paused' : 'running');
    await this.#settlePause(this.#opened.binding);
  }

  /** Tells the binder when it is to hand over nothing, and when it may again. The intake holds what comes meanwhile. */
  async #settlePause(binding: ConsumerBinding): Promise<void> {
    const isWanted = this.#isPaused || this.#isHeld;
    if (isWanted === this.#isBinderPaused) return;
    await (isWanted ? binding.pause?.() : binding.resume?.());
    this.#isBinderPaused = isWanted;
    this.#states.to(isWanted ? 'paused' : 'running');
  }

  /** Nobody waits for it, so what goes wrong is told as trouble of the binding. */
  #hold(intake: Intake, isHeld: boolean, report: (trouble: Error | undefined) => void): void {
    this.#isHeld = isHeld;
    const settled = this.#states.inTurn(async () => {
      if (this.#opened?.intake === intake) await this.#settlePause(this.#opened.binding);
    });
    settled.then(
      () => report(undefined),
      (error: unknown) => {
        const verb = isHeld ? 'paused' : 'resumed';
        report(new Error(`'${this.name}' could not be ${verb}: ${describeError(error).message}`));
      },
    );
  }

  async #bind(binder: Binder): Promise<{ binding: ConsumerBinding; intake: Intake }> {
    const { request, openIntake, startPaused } = this.#parts;
    if (request.exactlyOnce === true && !binder.capabilities.exactlyOnce) throw this.#notExactlyOnce();
    const { promise: opened, resolve, reject } = deferred<ConsumerBinding>();
    opened.catch(() => undefined);
    const [ofHolding, report] = [this.#states.reporter(), this.#states.reporter()];
    const hold = (isHeld: boolean): void => this.#hold(intake, isHeld, ofHolding);
    const intake = openIntake({ capabilities: binder.capabilities, opened, report: this.#states.reporter(), hold });
    if (startPaused) intake.pause();
    try {
      const binding = await binder.bindConsumer({ ...request, deliver: intake.deliver, report });
      resolve(binding);
      if (startPaused) await binding.pause?.();
      this.#isBinderPaused = startPaused;
      return { binding, intake };
    } catch (error) {
      reject(error);
      intake.end();
      throw error;
    }
  }

  #notExactlyOnce(): MillraceError {
    return new MillraceError(
      'CONFIGURATION_INVALID',
      `'${this.name}' asks for exactlyOnce, which binder '${this.binder}' does not offer. Put its channels on a binder that does, or drop 'exactlyOnce' and make the handler idempotent`,
    );
  }

  async #drain(binding: ConsumerBinding, intake: Intake, deadlineMs: number): Promise<void> {
    const closing = binding.close().then(
      () => undefined,
      (error: unknown) => error,
    );
    intake.end();
    if (!(await within(intake.idle(), deadlineMs))) {
      this.#parts.logger.warn(
        { binding: this.name, open: intake.open, deadlineMs },
        'drain deadline passed: handlers are aborted, their messages go back',
      );
      intake.abort(
        new MillraceError(
          'APPLICATION_STOPPED',
          `'${this.name}' is stopping and its drain deadline of ${deadlineMs} ms has passed`,
        ),
      );
    }
    if (!(await within(closing, CLOSE_LIMIT_MS))) {
      this.#parts.logger.error(
        { binding: this.name, limitMs: CLOSE_LIMIT_MS },
        'the binder did not close the binding in time; going on without it',
      );
      return;
    }
    const failure = await closing;
    if (failure !== undefined)
      this.#parts.logger.error({ binding: this.name, err: failure }, 'the binder failed to close the binding');
  }
}

function deferred<T>(): { promise: Promise<T>; resolve(value: T): void; reject(error: unknown): void } {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
