import type { MessageHeaders } from '@millrace/core/spi';
import type { Source } from './rabbitmq-record';

/** Constructs nothing: its subclass puts a private field onto the object it is given. */
class Given {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: the object given is the one to be marked
    return object;
  }
}

/**
 * Headers know the message they are of, and nobody sees it: core may pass on copies of a delivery, but the headers in them are
 * the same object. A WeakMap would do the same, at the price of everything else that reading a message costs.
 */
class SourceMark extends Given {
  #source: Source;

  constructor(headers: MessageHeaders, source: Source) {
    super(headers);
    this.#source = source;
  }

  static put(headers: object, source: Source): void {
    if (#source in headers) headers.#source = source;
    else new SourceMark(headers as MessageHeaders, source);
  }

  static get(headers: object): Source | undefined {
    return #source in headers ? headers.#source : undefined;
  }
}

/** The headers may be frozen. */
export function markWithSource(headers: MessageHeaders, source: Source): void {
  SourceMark.put(headers, source);
}

export function sourceOf(headers: MessageHeaders): Source | undefined {
  return SourceMark.get(headers);
}
