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
import type { KafkaOptionsInput } from '../src/kafka-options';
import { clientUnderTest } from './client-under-test';

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

  constructor(options: KafkaOptionsInput) {
    const line =
      (level: string) =>
      (facts: object, message: string): void => {
        this.lines.push({ level, facts, message });
      };
    const logger: Logger = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
    const parsed = binder.options.parse({ ...clientUnderTest, ...options });
    this.binder = binder.create({ name: 'kafka', app: 'test', options: parsed, logger }) as Binder;
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

/** Several keys, each with a sender that counts up and, as an application would, sends again what was rejected. */
export class Traffic {
  readonly confirmed: string[] = [];
  /** Why sends were rejected. */
  readonly rejections: unknown[] = [];
  readonly #senders: Promise<void>[];
  #isOver = false;

  constructor(producer: ProducerBinding, { keys = 10, pauseMs = 10 } = {}) {
    this.#senders = numbers(keys).map(async (key) => {
      for (let count = 0; !this.#isOver; ) {
        try {
          await producer.send(text(`${key}:${count}`, { key }));
          this.confirmed.push(`${key}:${count}`);
          count += 1;
        } catch (error) {
          this.rejections.push(error);
        }
        await sleep(pauseMs);
      }
    });
  }

  /** Until so many more are confirmed. */
  async flows(count = 100, timeoutMs = 40_000): Promise<void> {
    const wanted = this.confirmed.length + count;
    await until(
      () => this.confirmed.length >= wanted,
      timeoutMs,
      () => `${this.confirmed.length} of ${wanted} confirmed`,
    );
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#senders);
  }

  /** Nothing confirmed is missing, and of each key the first deliveries have come in order. Resolves with the repetitions. */
  async arrived(texts: () => readonly string[], timeoutMs = 40_000): Promise<number> {
    const missing = (): string[] => {
      const delivered = new Set(texts());
      return this.confirmed.filter((each) => !delivered.has(each));
    };
    await until(
      () => missing().length === 0,
      timeoutMs,
      () => `of ${this.confirmed.length} are missing: ${missing().slice(0, 20)}`,
    );
    const next = new Map<string, number>();
    for (const each of new Set(texts())) {
      const [key = '', count] = each.split(':');
      const expected = next.get(key) ?? 0;
      if (Number(count) !== expected) throw new Error(`${key}: ${count} came before ${expected}`);
      next.set(key, expected + 1);
    }
    return texts().length - new Set(texts()).size;
  }
}
