/**
 * Lifts a payload of one version to the next. Gets the parsed JSON, before a class is built or a schema is asked, and may
 * change it; annotate the parameter with the old shape: `(v1: OrderV1) => ({ ...v1, currency: 'EUR' })`.
 */
export type Upcaster = { lift(older: object): object }['lift'];

export interface ChannelOptions<T> {
  /**
   * The key of a message: messages with equal keys keep their order. A function of the payload, or a property path such as
   * `customer.id`. `undefined` or `null` means no key. Default: none.
   */
  readonly key?: ((payload: T) => string | number | bigint | boolean | null | undefined) | string;
  /**
   * Chooses the partition, from 0 to `count - 1`, where the binding has a `partitionCount`. Called only for messages that
   * have a key. Default: Spring Cloud Stream's, `abs(javaHash(key)) % count`.
   */
  readonly partition?: (key: string | number | bigint | boolean, count: number) => number;
  /** Name of this class in the type header, where several classes share the channel. Default: the name of the class. */
  readonly type?: string;
  /**
   * Media type of messages that name none; the binding's configuration is stronger. Default: `application/json`, for text
   * `text/plain`, for bytes `application/octet-stream`.
   */
  readonly contentType?: string;
  /** `false`: the rules of class-validator are not asked, neither on the way out nor on the way in. Default `true`. */
  readonly validate?: boolean;
  /** Version of the payload's shape: 1, 2, 3 … Written with each message. Default: the payload has no versions. */
  readonly version?: number;
  /** How older payloads are read: `upcast[1]` makes version 2 of version 1, and so on up to `version`, without a gap. */
  readonly upcast?: Readonly<Record<number, Upcaster>>;
  /**
   * The version of messages without a version header: of senders that know no versions, or sent before the channel had any.
   * Default: the current one, which suits foreign senders. Set it to `1` when you add versions to a channel in use.
   */
  readonly missingVersion?: number;
  /** What becomes of a version above `version`: `refuse` (dead letter) or `accept` (read as the current one). Default `refuse`. */
  readonly futureVersions?: 'refuse' | 'accept';
}
