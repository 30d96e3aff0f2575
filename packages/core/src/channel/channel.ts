/** The class of a payload. Its constructor may take anything: instances are built without calling it where needed. */
export type PayloadClass<T> = abstract new (...args: never[]) => T;

export interface ChannelOptions<T> {
  /**
   * The key of a message: messages with equal keys keep their order. A function of the payload, or a property path such as
   * `customer.id`. `undefined` or `null` means no key. Default: none.
   */
  readonly key?: ((payload: T) => string | number | bigint | null | undefined) | string;
  /** Name of this class in the type header, where several classes share the channel. Default: the name of the class. */
  readonly type?: string;
}

/**
 * A channel: a typed name that knows no broker. Made by {@link channel}, or by decorating a class with `@Channel`.
 */
export class ChannelToken<T> {
  readonly name: string;
  readonly payloadClass: PayloadClass<T>;
  readonly options: ChannelOptions<T>;

  constructor(name: string, payloadClass: PayloadClass<T>, options: ChannelOptions<T> = {}) {
    this.name = name;
    this.payloadClass = payloadClass;
    this.options = Object.freeze({ ...options });
    Object.freeze(this);
  }

  /** Name of the payload's class, for people. */
  get payloadName(): string {
    return this.payloadClass.name;
  }
}

/** How code names a channel: a class decorated with `@Channel`, or a token made by {@link channel}. */
export type ChannelReference<T> = PayloadClass<T> | ChannelToken<T>;

/**
 * Names a channel for a class you do not own, or a second channel for one you do.
 *
 * ```ts
 * export const OrderCopies = channel('orders.copy', Order);
 * ```
 */
export function channel<T>(name: string, payloadClass: PayloadClass<T>, options?: ChannelOptions<T>): ChannelToken<T> {
  return new ChannelToken(name, payloadClass, options);
}
