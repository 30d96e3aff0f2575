import { type HeaderValue, headerNames, type MessageHeaders } from './headers';

/** Where and how a received message came in. */
export interface Delivery {
  /** Logical name of the channel. */
  readonly channel: string;
  /** Topic or exchange it was read from. */
  readonly destination: string;
  /** Consumer group; `undefined` for a broadcast consumer. */
  readonly group: string | undefined;
  /** The key it came with. */
  readonly key: string | undefined;
  readonly partition: number | undefined;
  /** The broker's position, where it has one (Kafka: the offset). */
  readonly position: string | undefined;
  /** Which call of the handler this is: 1, 2, 3 … Calls before a delayed retry or a redelivery count too. */
  readonly attempt: number;
  /** When the broker took the message, where it says so. */
  readonly timestamp: Date | undefined;
}

export interface MessageOptions {
  /** Messages with the same key keep their order. Overrides the key of the channel. */
  readonly key?: string | undefined;
  /** Filled in by Millrace on messages it delivers. */
  readonly delivery?: Delivery | undefined;
}

export const noHeaders: MessageHeaders = Object.freeze({});

/**
 * A payload with its headers. Immutable: the `with…` methods return copies.
 *
 * ```ts
 * await source.send(new Message(order, { priority: 'high' }));
 * ```
 *
 * A class, not an interface, so that it can stand in a decorated signature under `isolatedModules`.
 */
export class Message<T> {
  readonly payload: T;
  readonly headers: MessageHeaders;
  readonly key: string | undefined;
  readonly delivery: Delivery | undefined;

  constructor(payload: T, headers: MessageHeaders = noHeaders, options: MessageOptions = {}) {
    this.payload = payload;
    this.headers = Object.isFrozen(headers) ? headers : Object.freeze({ ...headers });
    this.key = options.key;
    this.delivery = options.delivery;
  }

  /** Id of the message; present on everything Millrace sent. */
  get id(): string | undefined {
    return text(this.headers[headerNames.id]);
  }

  get contentType(): string | undefined {
    return text(this.headers[headerNames.contentType]);
  }

  get correlationId(): string | undefined {
    return text(this.headers[headerNames.correlationId]);
  }

  /** Which call of the handler this is, from 1. Short for `delivery.attempt`. */
  get attempt(): number {
    return this.delivery?.attempt ?? 1;
  }

  withHeader(name: string, value: HeaderValue): Message<T> {
    return this.withHeaders({ [name]: value });
  }

  withHeaders(headers: MessageHeaders): Message<T> {
    return new Message(this.payload, { ...this.headers, ...headers }, this);
  }

  withPayload<U>(payload: U): Message<U> {
    return new Message(payload, this.headers, this);
  }

  withKey(key: string): Message<T> {
    return new Message(this.payload, this.headers, { key, delivery: this.delivery });
  }
}

function text(value: HeaderValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
