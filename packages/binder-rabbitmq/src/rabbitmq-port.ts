/**
 * All that this binder wants of an AMQP 0-9-1 client, and no more: whoever provides this can take amqplib's place. Errors that come
 * from the broker bear its reply code as `code` (404, 406, …); see `replyCodeOf`.
 */
export interface RabbitmqPort {
  /** Opens a connection. Rejects when nobody answers within the limit, or when the log-in is refused. */
  connect(settings: ConnectionSettings, listener: ConnectionListener): Promise<ConnectionPort>;
}

/** Where and how to connect once. Holds credentials: never log it. */
export interface ConnectionSettings {
  /** `amqp://…` or `amqps://…`, with the virtual host. */
  readonly url: string;
  readonly login: Login;
  /** The name shown in the broker's management. */
  readonly name: string;
  /** Seconds between signs of life; 0: none. */
  readonly heartbeat: number;
  readonly timeoutMs: number;
  readonly tls: TlsSettings | undefined;
}

export type Login =
  | { readonly mechanism: 'plain'; readonly username: string; readonly password: string }
  | { readonly mechanism: 'external' };

/** Certificates as PEM text. */
export interface TlsSettings {
  readonly ca?: readonly string[];
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  readonly servername?: string;
  readonly rejectUnauthorized: boolean;
}

export interface ConnectionListener {
  /** The broker takes no more from this connection, and says why; `undefined` when it does again. */
  blocked(reason: string | undefined): void;
  /** The connection and its channels are of no more use. Called once, and never after `close`. */
  lost(error: Error): void;
}

export interface ConnectionPort {
  /** Most bytes of a frame, as agreed with the broker. Headers of a message have to fit into one. */
  readonly frameMax: number;
  /** The broker's, such as `4.0.5`; `undefined` where it does not tell. */
  readonly version: string | undefined;
  /** A channel dies of the first refused declaration; the others live on. */
  openTopology(): Promise<TopologyPort>;
  openPublisher(listener: PublisherListener): Promise<PublisherPort>;
  openConsumer(listener: ConsumerListener): Promise<ConsumerPort>;
  /** Resolves within the limit, whatever the broker does. */
  close(limitMs: number): Promise<void>;
}

/** Values of a field table. Numbers are encoded as small as they fit; a {@link TypedField} says it exactly. */
export type FieldValue =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | TypedField
  | readonly FieldValue[]
  | { readonly [name: string]: FieldValue | undefined };

/**
 * A value with its type on the wire: `{ '!': 'int64', value: 5 }`. Read are only `timestamp` (seconds) and `decimal`. `object` is a
 * table that has a member called `!`.
 */
export interface TypedField {
  readonly '!': 'int8' | 'int16' | 'int32' | 'int64' | 'float64' | 'timestamp' | 'decimal' | 'object';
  readonly value: unknown;
}

export type FieldTable = Readonly<Record<string, FieldValue | undefined>>;

export interface ExchangeDeclaration {
  readonly name: string;
  readonly type: string;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  readonly arguments: FieldTable;
}

export interface QueueDeclaration {
  readonly name: string;
  readonly durable: boolean;
  readonly exclusive: boolean;
  readonly autoDelete: boolean;
  readonly arguments: FieldTable;
}

export interface QueueBinding {
  readonly queue: string;
  readonly exchange: string;
  readonly routingKey: string;
  readonly arguments: FieldTable;
}

export interface TopologyPort {
  declareExchange(exchange: ExchangeDeclaration): Promise<void>;
  declareQueue(queue: QueueDeclaration): Promise<void>;
  bindQueue(binding: QueueBinding): Promise<void>;
  /** Rejects with code 404 where it is missing. */
  checkExchange(name: string): Promise<void>;
  checkQueue(name: string): Promise<void>;
  deleteQueue(name: string): Promise<void>;
  close(): Promise<void>;
}

/** Properties of a message as AMQP has them. `timestamp`: seconds. `expiration`: milliseconds, as text. */
export interface MessageProperties {
  readonly contentType?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly headers?: FieldTable | undefined;
  /** 2: kept on disk. */
  readonly deliveryMode?: number | undefined;
  readonly priority?: number | undefined;
  readonly correlationId?: string | undefined;
  readonly replyTo?: string | undefined;
  readonly expiration?: string | undefined;
  readonly messageId?: string | undefined;
  readonly timestamp?: number | undefined;
  readonly type?: string | undefined;
  readonly userId?: string | undefined;
  readonly appId?: string | undefined;
}

export interface MessageToPublish {
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: Buffer;
  readonly properties: MessageProperties;
}

export interface PublisherPort {
  /**
   * Hands a message to the connection, in order; numbers count from 1 for each channel. It buffers without a limit of its own
   * (trap 8): whoever calls it bounds what is unconfirmed. `false`: the channel is going this moment, nothing was sent.
   *
   * @throws RangeError, TypeError where headers or properties cannot be encoded; nothing was sent then
   */
  publish(message: MessageToPublish, mandatory: boolean): boolean;
  close(): Promise<void>;
}

export interface PublisherListener {
  /** The broker has it (`isTaken`) or has refused it; with `multiple` all up to this number that were open. */
  confirmed(number: number, multiple: boolean, isTaken: boolean): void;
  /** No queue wanted this message, which was mandatory. Its confirmation follows. */
  returned(message: MessageToPublish, reason: string): void;
  /** Nothing more will be confirmed. Called once, also when the connection is lost, never after `close`. */
  closed(error: Error): void;
}

/** Stands alone in the header table of a message whose own table the client could not read, with the reason. */
export const UNREADABLE_HEADERS = 'millrace_headersUnreadable';

/** A message as it was delivered. */
export interface DeliveredMessage {
  /** Of this channel only. */
  readonly tag: number;
  readonly redelivered: boolean;
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: Buffer;
  readonly properties: MessageProperties;
}

export interface ConsumeOptions {
  readonly prefetch: number;
  readonly tag: string | undefined;
  readonly exclusive: boolean;
  readonly arguments: FieldTable;
}

export interface ConsumerPort {
  /** Resolves when the broker delivers; may be called again after `cancel`. */
  consume(queue: string, options: ConsumeOptions): Promise<void>;
  /** No further deliveries once it has resolved; those open stay open. */
  cancel(): Promise<void>;
  /** With `multiple`: all open ones up to this tag. A channel that is gone takes it silently. */
  ack(tag: number, multiple: boolean): void;
  nack(tag: number, requeue: boolean): void;
  close(): Promise<void>;
}

export interface ConsumerListener {
  message(message: DeliveredMessage): void;
  /** The broker has ended the consumer: its queue is gone or has moved. The channel lives on. */
  cancelled(): void;
  /** What is unsettled comes again. Called once, also when the connection is lost, never after `close`. */
  closed(error: Error): void;
}
