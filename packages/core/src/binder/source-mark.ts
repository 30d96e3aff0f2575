import type { MessageHeaders } from '../message/headers';

/** Constructs nothing: its subclass puts a private field onto the object it is given. */
class Given {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: the object given is the one to be marked
    return object;
  }
}

/** Knows for the headers of a record what the binder read them from. */
export interface SourceMark<T> {
  /** The headers may be frozen. What they were marked with before is replaced. */
  readonly put: (headers: MessageHeaders, source: T) => void;
  readonly get: (headers: MessageHeaders) => T | undefined;
}

/**
 * Headers know the record they are of, and nobody sees it: core may pass on copies of a delivery, but the headers in them are
 * the same object. A WeakMap would do the same, at the price of everything else that reading a record costs.
 */
export function sourceMark<T>(): SourceMark<T> {
  class Mark extends Given {
    #source: T;

    constructor(headers: object, source: T) {
      super(headers);
      this.#source = source;
    }

    static put(headers: object, source: T): void {
      if (#source in headers) headers.#source = source;
      else new Mark(headers, source);
    }

    static get(headers: object): T | undefined {
      return #source in headers ? headers.#source : undefined;
    }
  }
  return { put: Mark.put, get: Mark.get };
}
