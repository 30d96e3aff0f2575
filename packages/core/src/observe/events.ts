import { EventEmitter } from 'node:events';
import type { Logger } from './logger';

export type BindingState = 'idle' | 'starting' | 'running' | 'paused' | 'stopping' | 'stopped' | 'failed';

/** What the brake for outages does to the calls of a binding: nothing, one at a time, none, one on trial. */
export type BrakeState = 'off' | 'slow' | 'open' | 'halfOpen';

export type ApplicationState = 'created' | 'starting' | 'running' | 'stopping' | 'stopped';

/** What an application can watch. Events are told after the fact; a listener cannot change the outcome. */
export interface MillraceEvents {
  /** The application changed its state. */
  application: { readonly application: string; readonly state: ApplicationState };
  /** A binding changed its state or its health. */
  binding: {
    readonly binding: string;
    readonly direction: 'producer' | 'consumer';
    readonly state: BindingState;
    readonly trouble: Error | undefined;
  };
  /** The brake of a consumer binding was put on, let go or changed: calls fail in a row, or succeed again. */
  brake: {
    readonly binding: string;
    readonly state: BrakeState;
    /** Failed calls since the last success. */
    readonly failures: number;
    /** Until the next call may begin. */
    readonly waitMs: number;
    /** What the last failed call threw; `undefined` when it is tried again or works again. */
    readonly error: unknown;
  };
  /** A delivered record was settled. */
  delivery: {
    readonly binding: string;
    /** `duplicate`: acknowledged without a call, because an idempotent sink had handled the message before. */
    readonly outcome: 'ack' | 'duplicate' | 'filtered' | 'requeue' | 'delayed' | 'deadLetter' | 'discard';
    readonly attempt: number;
    readonly durationMs: number;
    readonly messageId: string | undefined;
  };
  /** A call of a handler failed and will be made again. */
  retry: {
    readonly binding: string;
    readonly attempt: number;
    readonly delayMs: number;
    readonly error: unknown;
    readonly messageId: string | undefined;
  };
  /** A record could not be handled; `written` tells whether its dead letter was taken by the broker. */
  deadLetter: {
    readonly binding: string;
    readonly kind: 'invalid' | 'failed';
    readonly error: unknown;
    readonly attempts: number;
    readonly written: boolean;
    readonly messageId: string | undefined;
  };
  /** A record that could not be handled was thrown away: `deadLetter: discard`, or a broadcast consumer. */
  discard: {
    readonly binding: string;
    readonly kind: 'invalid' | 'failed';
    readonly error: unknown;
    readonly attempts: number;
    readonly messageId: string | undefined;
  };
  /** A polled source was called on its schedule; `error` when it failed. */
  poll: { readonly source: string; readonly error: unknown };
  /** A worker thread of a consumer binding ended and was not told to. What it had in hand has failed; another takes its place. */
  worker: { readonly binding: string; readonly error: Error };
  /** A message was acknowledged by the broker, or refused. */
  send: {
    readonly binding: string;
    readonly destination: string;
    readonly durationMs: number;
    readonly error: unknown;
    readonly messageId: string;
  };
}

export type EventName = keyof MillraceEvents;
export type Listener<E extends EventName> = (event: MillraceEvents[E]) => void;

/** The typed event stream. Costs one look-up where nobody listens: ask {@link listens} before making an event. */
export class Events {
  readonly #emitter = new EventEmitter();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#emitter.setMaxListeners(0);
    this.#logger = logger;
  }

  /** Returns the function that ends the subscription. */
  on<E extends EventName>(name: E, listener: Listener<E>): () => void {
    const guarded = (event: MillraceEvents[E]): void => {
      const failed = (error: unknown): void =>
        this.#logger.error({ err: error, event: name }, 'an event listener failed; the message is not affected');
      try {
        const result: unknown = listener(event);
        if (result instanceof Promise) result.catch(failed);
      } catch (error) {
        failed(error);
      }
    };
    this.#emitter.on(name, guarded);
    return () => this.#emitter.off(name, guarded);
  }

  listens(name: EventName): boolean {
    return this.#emitter.listenerCount(name) > 0;
  }

  emit<E extends EventName>(name: E, event: MillraceEvents[E]): void {
    this.#emitter.emit(name, event);
  }
}
