import type { Invariant } from '../judge/evidence';
import type { BinderName } from '../schedule/fault-kind';

/** Source text and what takes its place. */
export interface Change {
  /** From the root of the repository. */
  readonly file: string;
  /** Stands there once. */
  readonly from: string;
  readonly to: string;
}

/** A mechanism broken on purpose, and the run that has to see it. */
export interface Mutant {
  readonly name: string;
  readonly binder: BinderName;
  readonly changes: readonly Change[];
  /** Under these the mechanism is needed. */
  readonly faults: readonly string[];
  readonly minutes: number;
  /** Messages a second; the tool's own default where absent. */
  readonly rate?: number;
  /** One of these does not hold. */
  readonly breaks: readonly Invariant[];
}

const inbound = 'packages/core/src/pipeline/inbound.ts';
const deadLetter = 'packages/core/src/pipeline/dead-letter.ts';
const kafkaOffsets = 'packages/binder-kafka/src/consuming/kafka-offsets.ts';
const kafkaBatches = 'packages/binder-kafka/src/producing/kafka-batches.ts';
const kafkaWriter = 'packages/binder-kafka/src/producing/kafka-writer.ts';
const rabbitmqWriter = 'packages/binder-rabbitmq/src/producing/rabbitmq-writer.ts';

const ackBeforeHandling: Change = {
  file: inbound,
  from: `  readonly deliver: Deliver = (record) =>
    this.#dispatcher.run(this.#lanes.of(record), (turn) =>
      isRecalled(record) ? settlements.requeue : this.#settle(record, turn),
    );`,
  to: `  readonly deliver: Deliver = async (record) => {
    void this.#dispatcher.run(this.#lanes.of(record), (turn) => this.#settle(record, turn));
    return settlements.ack;
  };`,
};

const swallowFailedDeadLetter: Change = {
  file: deadLetter,
  from: `    return 'refused';`,
  to: `    return 'written';`,
};

/** Where a message is under way for milliseconds, some are at any moment only with so many a second. */
const OFTEN = 400;

const killings = ['consumer killed', 'processor killed'];

/** Each promise that a run is to guard, broken where it is kept. */
export const mutants: readonly Mutant[] = Object.freeze([
  {
    name: 'ack before handling (memory)',
    binder: 'memory',
    changes: [ackBeforeHandling],
    faults: ['consumer halted', 'processor halted'],
    rate: OFTEN,
    minutes: 2,
    breaks: ['nothing is lost'],
  },
  {
    name: 'ack before handling (kafka)',
    binder: 'kafka',
    changes: [ackBeforeHandling],
    faults: killings,
    minutes: 1,
    breaks: ['nothing is lost'],
  },
  {
    name: 'ack before handling (rabbitmq)',
    binder: 'rabbitmq',
    changes: [ackBeforeHandling],
    faults: killings,
    rate: OFTEN,
    minutes: 2,
    breaks: ['nothing is lost'],
  },
  {
    name: 'commit past a gap (kafka)',
    binder: 'kafka',
    changes: [
      {
        file: kafkaOffsets,
        from: 'return this.positionBehind(0);',
        to: 'return this.#next;',
      },
    ],
    faults: killings,
    minutes: 1,
    breaks: ['nothing is lost'],
  },
  {
    name: 'swallow a failed dead-letter write (memory)',
    binder: 'memory',
    changes: [swallowFailedDeadLetter],
    faults: ['dead letters refused'],
    minutes: 1,
    breaks: ['nothing is lost'],
  },
  {
    name: 'resend without order (kafka)',
    binder: 'kafka',
    changes: [
      {
        file: kafkaBatches,
        from: `    if (this.#out.has(UNPLACED) || this.#out.has(partition)) return false;
    return !this.#busy.has(this.#routes.leaderOf(partition));`,
        to: '    return partition >= UNPLACED;',
      },
    ],
    faults: ['connections reset', 'broker killed', 'connections cut'],
    minutes: 1,
    breaks: ['the order of a key is kept'],
  },
  {
    name: 'resend without order (rabbitmq)',
    binder: 'rabbitmq',
    changes: [
      {
        file: rabbitmqWriter,
        from: 'this.#waiting.putFirst(unconfirmed.filter(({ isOver }) => !isOver));',
        to: 'setTimeout(() => {\n      this.#waiting.putFirst(unconfirmed.filter(({ isOver }) => !isOver));\n      this.#pump();\n    }, 2_000);',
      },
    ],
    faults: ['connections cut', 'connections reset', 'broker killed'],
    rate: OFTEN,
    minutes: 2,
    breaks: ['the order of a key is kept'],
  },
  {
    name: 'drop on reconnect (kafka)',
    binder: 'kafka',
    changes: [
      {
        file: kafkaWriter,
        from: 'if (mayPass) await sleep(PAUSE_MS * (0.5 + Math.random()));\n      else for',
        to: 'if (mayPass) for (const sending of wanted) sending.resolve();\n      else for',
      },
      { file: kafkaWriter, from: "import { setTimeout as sleep } from 'node:timers/promises';\n", to: '' },
      {
        file: kafkaWriter,
        from: '/** About so long a request that failed waits to be tried again, beside the waits of the client. */\nconst PAUSE_MS = 100;\n',
        to: '',
      },
    ],
    faults: ['broker killed', 'connections cut'],
    minutes: 1,
    breaks: ['nothing is lost'],
  },
  {
    name: 'drop on reconnect (rabbitmq)',
    binder: 'rabbitmq',
    changes: [
      {
        file: rabbitmqWriter,
        from: 'this.#waiting.putFirst(unconfirmed.filter(({ isOver }) => !isOver));',
        to: 'for (const sending of unconfirmed) {\n      this.#settled(sending);\n      sending.resolve();\n    }',
      },
    ],
    faults: ['connections cut', 'requests stalled', 'broker killed'],
    minutes: 1,
    breaks: ['nothing is lost'],
  },
]);
