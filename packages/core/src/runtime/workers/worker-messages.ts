import type { InboundRecord } from '../../binder/record';
import type { CarriedError } from '../../errors/carried-error';
import type { Output } from '../../inbox/kept-outputs';

/** What a thread is told when it starts. Nothing here has a class: structured cloning carries it. */
export interface WorkerSetup {
  /** File of the module that it loads. */
  readonly module: string;
  readonly binding: string;
  /** Name of the channel. */
  readonly channel: string;
  readonly group: string | undefined;
  readonly contentType: string | undefined;
  readonly timeout: number | false;
  readonly maxBytes: number;
  readonly maxHeaders: number;
  /** What the application has; the thread must have the same. */
  readonly sinks: readonly SinkSignature[];
  readonly components: readonly string[];
  readonly middleware: readonly string[];
  readonly codecs: readonly string[];
  readonly producers: readonly WorkerProducer[];
  /** Name of the channel on which all threads of the binding hear {@link WorkerCall}s. */
  readonly calls: string;
}

/** By what a sink is known on both sides. */
export interface SinkSignature {
  readonly component: string;
  readonly method: string;
  readonly channel: string;
  readonly type: string;
  readonly output: string | undefined;
}

/** What the encoding of a message needs to know of its way. */
export interface WorkerProducer {
  readonly binding: string;
  /** Name of the channel. */
  readonly channel: string;
  readonly destination: string;
  readonly binder: string;
  readonly contentType: string | undefined;
  readonly key: string | undefined;
  readonly partitionCount: number | undefined;
  /** Names of the classes known on the channel. */
  readonly types: readonly string[];
}

export type WorkerRequest =
  | { readonly kind: 'begin' }
  | { readonly kind: 'end' }
  | {
      readonly kind: 'handle';
      readonly record: InboundRecord;
      readonly attempt: number;
      /** See {@link interruptions}. */
      readonly interruption: Int32Array<SharedArrayBuffer>;
    };

export type WorkerAnswer =
  | { readonly kind: 'done'; readonly outputs: readonly Output[] }
  | { readonly kind: 'notTaken' }
  | { readonly kind: 'failed'; readonly error: CarriedError }
  | { readonly kind: 'invalid'; readonly error: CarriedError }
  /** The thread could not be set up. */
  | { readonly kind: 'unfit'; readonly error: CarriedError };

/** `look`: an interruption has been set. `leave`: a thread that could not be set up is to end. */
export type WorkerCall = 'look' | 'leave';

/** What stands in an interruption: memory that both threads see, so that code which never waits sees it too. */
export const interruptions = Object.freeze({ none: 0, timeout: 1, deadline: 2 });
