import { randomBytes } from 'node:crypto';
import {
  type Binder,
  type ConsumerBinding,
  type ConsumerRequest,
  type InboundRecord,
  type Logger,
  type OutboundRecord,
  type ProducerBinding,
  type ProducerRequest,
  type Settlement,
  settlements,
} from '@millrace/core/spi';
import { binder } from '../src/index';
import type { RabbitmqOptionsInput } from '../src/rabbitmq-options';

export interface LogLine {
  readonly level: string;
  readonly facts: object;
  readonly message: string;
}

/** The bare binder, and all that it reports and logs. What is opened through it is closed with it. */
export class Rig {
  readonly troubles: (Error | undefined)[] = [];
  readonly lines: LogLine[] = [];
  readonly binder: Binder;

  constructor(options: RabbitmqOptionsInput) {
    const line =
      (level: string) =>
      (facts: object, message: string): void => {
        this.lines.push({ level, facts, message });
      };
    const logger: Logger = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
    const parsed = binder.options.parse(options);
    this.binder = binder.create({ name: 'rabbitmq', app: 'test', options: parsed, logger }) as Binder;
  }

  get trouble(): Error | undefined {
    return this.troubles.at(-1);
  }

  producer(destination: string, changes: Partial<ProducerRequest> = {}): Promise<ProducerBinding> {
    return this.binder.bindProducer({
      binding: 'orders',
      native: {},
      report: (trouble) => this.troubles.push(trouble),
      destination,
      partitionCount: undefined,
      requiredGroups: [],
      ...changes,
    });
  }

  consumer(destination: string | string[], changes: Partial<ConsumerRequest> = {}): Promise<ConsumerBinding> {
    const group = 'group' in changes ? changes.group : unique('baristas');
    return this.binder.bindConsumer({
      binding: `orders/${group}`,
      native: {},
      report: (trouble) => this.troubles.push(trouble),
      destinations: [destination].flat(),
      group,
      concurrency: 1,
      prefetch: 32,
      deadLetter: { destination: undefined, invalidDestination: undefined },
      delays: [],
      instance: undefined,
      deliver: async () => settlements.ack,
      ...changes,
    });
  }

  close(): Promise<void> {
    return this.binder.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Remembers what is delivered and settles it as told. */
export class Inbox {
  readonly records: InboundRecord[] = [];
  readonly #settle: (record: InboundRecord) => Settlement | Promise<Settlement>;

  constructor(settle: (record: InboundRecord) => Settlement | Promise<Settlement> = () => settlements.ack) {
    this.#settle = settle;
  }

  readonly deliver = async (record: InboundRecord): Promise<Settlement> => {
    this.records.push(record);
    return this.#settle(record);
  };

  get texts(): string[] {
    return this.records.map(textOf);
  }

  has(payload: string): boolean {
    return this.records.some((record) => textOf(record) === payload);
  }

  async until(count: number, timeoutMs = 20_000): Promise<readonly InboundRecord[]> {
    await until(
      () => this.records.length >= count,
      timeoutMs,
      () => `${this.records.length} of ${count} records`,
    );
    return this.records;
  }
}

export function textOf(record: InboundRecord): string {
  return Buffer.from(record.payload ?? []).toString();
}

export function text(payload: string, changes: Partial<OutboundRecord> = {}): OutboundRecord {
  return { payload: Buffer.from(payload), headers: { contentType: 'text/plain' }, ...changes };
}

export function unique(stem: string): string {
  return `${stem}-${randomBytes(5).toString('hex')}`;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export async function until(
  isSo: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
  what: () => string = String,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`not so after ${timeoutMs} ms: ${what()}`);
    await sleep(20);
  }
}

/** 0 to `count - 1`, as text. */
export function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}
