import { types } from 'node:util';
import { MillraceError } from '../errors/millrace-error';
import type { ChannelOptions } from './channel-options';
import { isStandardSchema, type SchemaOutput, type StandardSchema } from './standard-schema';

/**
 * The class of a payload. It is made without arguments when a message is read, so that fields get their defaults; then the
 * fields are filled in. A class that is only sent may have any constructor.
 */
export type PayloadClass<T> = abstract new (...args: never[]) => T;

/** What a channel carries: a class, text, bytes, or what a Standard Schema (zod, valibot …) describes. */
export type PayloadType<T> = PayloadClass<T> | 'text' | 'bytes' | StandardSchema<unknown, T>;

export type PayloadKind = 'class' | 'text' | 'bytes' | 'schema';

const contentTypes: Readonly<Record<PayloadKind, string>> = Object.freeze({
  class: 'application/json',
  schema: 'application/json',
  text: 'text/plain',
  bytes: 'application/octet-stream',
});

const brand = Symbol.for('millrace.channel');

/**
 * A channel: a typed name that knows no broker. Made by {@link channel}, or by decorating a class with `@Channel`.
 */
export class ChannelToken<T> {
  /** Recognises tokens also across two copies of the package. */
  static is(value: unknown): value is ChannelToken<unknown> {
    return typeof value === 'object' && value !== null && brand in value;
  }

  readonly name: string;
  readonly kind: PayloadKind;
  /** The class, where the channel carries one. */
  readonly payloadClass: PayloadClass<T> | undefined;
  /** The schema, where the channel has one. */
  readonly schema: StandardSchema<unknown, T> | undefined;
  /** Media type of messages for which neither message nor configuration names one. */
  readonly contentType: string;
  readonly options: ChannelOptions<T>;

  /** @throws MillraceError CHANNEL_UNKNOWN where the payload is nothing of a {@link PayloadType} */
  constructor(name: string, payload: PayloadType<T>, options: ChannelOptions<T> = {}) {
    this.name = name;
    this.kind = kindOf(name, payload);
    this.payloadClass = this.kind === 'class' ? (payload as PayloadClass<T>) : undefined;
    this.schema = this.kind === 'schema' ? (payload as StandardSchema<unknown, T>) : undefined;
    this.contentType = options.contentType ?? contentTypes[this.kind];
    this.options = Object.freeze({ ...options });
    Object.defineProperty(this, brand, { value: true });
    Object.freeze(this);
  }

  /** Name of what it carries, for people: the class's name, `text`, `bytes`, `zod schema`. */
  get payloadName(): string {
    if (this.payloadClass !== undefined) return this.payloadClass.name;
    return this.schema === undefined ? this.kind : `${this.schema['~standard'].vendor} schema`;
  }

  /** The class of a payload at run time, as far as one is known: the class itself, `String`, `Uint8Array`. */
  get runtimeClass(): unknown {
    if (this.kind === 'text') return String;
    return this.kind === 'bytes' ? Uint8Array : this.payloadClass;
  }

  /** Whether a value may be sent. What a schema thinks of it is asked when it is encoded. */
  accepts(payload: unknown): boolean {
    switch (this.kind) {
      case 'class':
        return payload instanceof (this.payloadClass as unknown as new () => unknown);
      case 'text':
        return typeof payload === 'string';
      case 'bytes':
        return types.isUint8Array(payload);
      case 'schema':
        return true;
    }
  }
}

/** How code names a channel: a class decorated with `@Channel`, or a token made by {@link channel}. */
export type ChannelReference<T> = PayloadClass<T> | ChannelToken<T>;

/**
 * Names a channel for a class you do not own, a second channel for one you do, or a channel of something that is no class.
 *
 * ```ts
 * export const OrderCopies = channel('orders.copy', Order);
 * export const Lines = channel('lines', 'text');               // string
 * export const Images = channel('images', 'bytes');            // Uint8Array
 * export const Prices = channel('prices', z.object({ … }));    // what the schema gives: zod, valibot, any Standard Schema
 * ```
 */
export function channel(name: string, payload: 'text', options?: ChannelOptions<string>): ChannelToken<string>;
export function channel(name: string, payload: 'bytes', options?: ChannelOptions<Uint8Array>): ChannelToken<Uint8Array>;
export function channel<S extends StandardSchema>(
  name: string,
  schema: S,
  options?: Omit<ChannelOptions<SchemaOutput<S>>, 'validate'>,
): ChannelToken<SchemaOutput<S>>;
export function channel<T>(name: string, payloadClass: PayloadClass<T>, options?: ChannelOptions<T>): ChannelToken<T>;
export function channel<T>(name: string, payload: PayloadType<T>, options?: ChannelOptions<T>): ChannelToken<T> {
  return new ChannelToken(name, payload, options);
}

function kindOf(name: string, payload: unknown): PayloadKind {
  if (payload === 'text' || payload === 'bytes') return payload;
  if (isStandardSchema(payload)) return 'schema';
  if (typeof payload === 'function') return 'class';
  const found =
    payload === undefined
      ? 'undefined at run time: two files import each other, or it is a type'
      : `${String(payload)}`;
  throw new MillraceError(
    'CHANNEL_UNKNOWN',
    `channel('${name}', …): the payload is ${found}. Give a class, 'text', 'bytes' or a schema`,
  );
}
