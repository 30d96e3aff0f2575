import { atLeast, type BrokerWork } from '../broker/work';
import {
  batch,
  bindings,
  consume,
  deadLetter,
  firstMessage,
  idle,
  latency,
  ofSize,
  processInOrder,
  processOrders,
  produce,
  withAsyncHandler,
  withHandlers,
} from '../broker/works';

const consumed = { full: 200_000, quick: 60_000 };
const consumeOne = consume(1, consumed);
const produceThousand = produce(1_000, { full: 100_000, quick: 40_000 });
/** NestJS handles an eighth of what kafkajs does; @moleculer/channels 181 messages a second, each committed by itself. */
const consumers = { millrace: 1, millraceUnchecked: 1, raw: 1, rawCommon: 1, nest: 0.25, moleculer: 0.005 };

const writers = { millrace: 1, millraceUnchecked: 1, millracePlatformatic: 1, raw: 1 };

/** What is measured on Kafka, who takes part with which share of the messages, and what is wanted of Millrace. */
export const kafkaWorks: readonly BrokerWork[] = [
  {
    ...produce(1, { full: 2_000, quick: 1_000 }),
    contenders: { ...writers, nest: 1, moleculer: 1 },
    goals: atLeast({ raw: 0.95 }),
  },
  {
    ...produce(100, { full: 20_000, quick: 10_000 }),
    contenders: {
      ...writers,
      rawCoalesced: 1,
      rawCommon: 0.5,
      nest: 0.5,
      moleculer: 0.5,
    },
    goals: atLeast({ rawCommon: 5 }),
  },
  {
    ...produceThousand,
    contenders: {
      ...writers,
      rawAlike: 1,
      rawCoalesced: 1,
      rawCommon: 0.2,
      nest: 0.2,
      moleculer: 0.2,
    },
    goals: atLeast({ rawCoalesced: 0.95, raw: 0.85 }),
  },
  {
    ...ofSize(produceThousand, 2, { full: 15_000, quick: 5_000 }),
    contenders: { millrace: 1, millracePlatformatic: 1, raw: 1, rawCoalesced: 1 },
  },
  {
    ...ofSize(produceThousand, 20, { full: 3_000, quick: 1_000 }),
    contenders: { millrace: 1, millracePlatformatic: 1, raw: 1, rawCoalesced: 1 },
  },
  { ...consumeOne, contenders: consumers, goals: atLeast({ raw: 0.8, nest: 5 }) },
  { ...withAsyncHandler(consumeOne), contenders: { millrace: 1, millraceUnchecked: 1, raw: 1 } },
  { ...consume(4, consumed), contenders: consumers, goals: atLeast({ raw: 1 }) },
  { ...ofSize(consumeOne, 2, { full: 20_000, quick: 8_000 }), contenders: { millrace: 1, raw: 1, nest: 0.25 } },
  { ...ofSize(consumeOne, 20, { full: 3_000, quick: 1_000 }), contenders: { millrace: 1, raw: 1, nest: 0.5 } },
  { ...withHandlers(10, consumed), contenders: { millrace: 1, raw: 1 } },
  { ...withHandlers(100, consumed), contenders: { millrace: 1, raw: 1 } },
  { ...batch, contenders: { millrace: 1, millraceUnchecked: 1, raw: 1 } },
  {
    ...processOrders,
    contenders: {
      ...writers,
      rawAlike: 1,
      rawCommon: 0.1,
      nest: 0.1,
    },
    goals: atLeast({ raw: 0.85 }),
  },
  { ...processInOrder, contenders: { millrace: 1, rawCommon: 1, nest: 1 } },
  { ...deadLetter, contenders: { millrace: 0.1, raw: 1 } },
  {
    ...latency,
    contenders: { millrace: 1, raw: 1, rawCommon: 1, nest: 1 },
    goals: { '.p50': [{ against: 'raw', atMost: 1.3 }], '.p99': [{ against: 'raw', atMost: 1.3 }] },
  },
  { ...firstMessage, contenders: { millrace: 1, raw: 1, nest: 1 } },
  { ...idle, contenders: { millrace: 1, raw: 1 } },
  { ...bindings, contenders: { millrace: 1, raw: 1 }, goals: { '.times': [{ atMost: 3 }] } },
];
