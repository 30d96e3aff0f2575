/**
 * What a process has done, in the order it did it. An entry stands in the file before the process goes on, so that SIGKILL
 * cannot take it back; the meaning of each rests on that.
 *
 * | entry | written | so it proves |
 * |---|---|---|
 * | `sending` | before `send()` is called | nobody invented the message; without an outcome the send was under way |
 * | `confirmed` | after `send()` has resolved | the broker has said that it keeps the message. A process killed just before has claimed nothing |
 * | `rejected` | after `send()` has rejected | nothing is claimed: the message may be there or not |
 * | `started` | as the first thing a handler does | the message was handed over |
 * | `done` | as the last thing a handler does, and synced before it returns | the work was done before anybody could acknowledge it |
 * | `failed` | before the handler throws | this attempt is over |
 * | `retried` | when the application tells that an attempt has failed | a `done` of this attempt was not the end: what the handler returned could not be sent |
 * | `settled` | when the application tells that it has acknowledged the message | what the handler returned is confirmed. Whether the broker knows of it is another matter |
 * | `dead` | when the application tells that a dead letter was written, or was refused | nothing about the broker: that is read back |
 */
export type Entry =
  | SendEntry
  | HandlingEntry
  | RetryEntry
  | SettledEntry
  | DeadEntry
  | HeardEntry
  | TroubleEntry
  | SampleEntry
  | LifeEntry;

/** Milliseconds of the machine's monotonic clock. All processes of a machine share it, so moments can be compared. */
export type Moment = number;

export interface SendEntry {
  readonly at: Moment;
  readonly what: 'sending' | 'confirmed' | 'rejected';
  readonly key: string;
  readonly number: number;
  readonly why?: string | undefined;
}

export interface HandlingEntry {
  readonly at: Moment;
  readonly what: 'started' | 'done' | 'failed';
  readonly group: string;
  readonly key: string;
  readonly number: number;
  /** Of the message on this way: what is sent again has another one, what is delivered again the same. */
  readonly id: string;
  readonly partition?: number | undefined;
  readonly position?: string | undefined;
  readonly attempt?: number | undefined;
  readonly why?: string | undefined;
}

export interface RetryEntry {
  readonly at: Moment;
  readonly what: 'retried';
  readonly group: string;
  readonly id: string;
  readonly why: string;
}

export interface SettledEntry {
  readonly at: Moment;
  readonly what: 'settled';
  readonly group: string;
  readonly id: string;
}

export interface DeadEntry {
  readonly at: Moment;
  readonly what: 'dead';
  readonly group: string;
  readonly id: string;
  readonly isWritten: boolean;
  readonly why: string;
}

/** Messages a broadcast consumer has heard since the entry before. */
export interface HeardEntry {
  readonly at: Moment;
  readonly what: 'heard';
  readonly count: number;
}

/** A binding is in trouble, or (without `why`) not any more. */
export interface TroubleEntry {
  readonly at: Moment;
  readonly what: 'trouble';
  readonly binding: string;
  readonly why?: string | undefined;
}

export interface SampleEntry {
  readonly at: Moment;
  readonly what: 'sample';
  readonly rssMb: number;
  readonly heapMb: number;
  /** What keeps the event loop busy: sockets, timers, requests. */
  readonly handles: number;
  /** Open files, where the system tells. */
  readonly files: number;
}

/** `ending`: it was asked to. `ended`: it has nothing left to do. */
export interface LifeEntry {
  readonly at: Moment;
  readonly what: 'running' | 'ending' | 'ended';
}

/** An entry with the one who wrote it. */
export type Told = Entry & {
  /** `worker-2` */
  readonly member: string;
  /** Which of its lives: 1, and one more after each restart. */
  readonly life: number;
};

export function now(): Moment {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}
