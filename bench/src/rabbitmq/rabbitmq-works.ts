import type { BrokerWork, Work } from '../broker/work';
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
} from '../broker/works';

const PREFETCH = 250;

const consumeOrders: Work = withPrefetch({
  ...consume(1, { full: 30_000, quick: 10_000 }),
  name: 'consume',
  title: 'consume',
});
const produceThousand = produce(1_000, { full: 30_000, quick: 10_000 });
const everybody = { millrace: 1, millraceUnchecked: 1, raw: 1, rawCommon: 1, nest: 0.5 };
const producedInPart = { ...everybody, rawCommon: 0.5 };

/** What is measured on RabbitMQ, who takes part with which share of the messages, and what is wanted of Millrace. */
export const rabbitmqWorks: readonly BrokerWork[] = [
  { ...produce(1, { full: 2_000, quick: 1_000 }), contenders: { ...everybody, nest: 0.2 } },
  { ...produce(100, { full: 20_000, quick: 5_000 }), contenders: producedInPart },
  {
    ...produceThousand,
    contenders: { ...producedInPart, rawAlike: 1 },
    goals: {
      '': [
        { against: 'raw', atLeast: 0.95 },
        { against: 'raw', atLeast: 0.8 },
      ],
    },
  },
  { ...ofSize(produceThousand, 2, { full: 15_000, quick: 5_000 }), contenders: { millrace: 1, raw: 1 } },
  { ...ofSize(produceThousand, 20, { full: 3_000, quick: 1_000 }), contenders: { millrace: 1, raw: 1 } },
  {
    ...consumeOrders,
    contenders: { ...everybody, moleculer: 0.5 },
    goals: {
      '': [
        { against: 'rawCommon', atLeast: 1.35 },
        { against: 'raw', atLeast: 0.9 },
        { against: 'rawCommon', atLeast: 0.6 },
      ],
    },
  },
  { ...withAsyncHandler(consumeOrders), contenders: { millrace: 1, raw: 1 } },
  { ...ofSize(consumeOrders, 2, { full: 15_000, quick: 5_000 }), contenders: { millrace: 1, raw: 1, nest: 0.5 } },
  { ...ofSize(consumeOrders, 20, { full: 3_000, quick: 1_000 }), contenders: { millrace: 1, raw: 1, nest: 0.5 } },
  { ...withPrefetch(batch), messages: consumeOrders.messages, contenders: { millrace: 1, raw: 1 } },
  {
    ...withPrefetch(processOrders),
    messages: { full: 20_000, quick: 5_000 },
    contenders: { ...everybody, rawAlike: 1 },
    goals: {
      '': [
        { against: 'raw', atLeast: 0.95 },
        { against: 'raw', atLeast: 0.8 },
      ],
    },
  },
  { ...processInOrder, contenders: { millrace: 1, rawCommon: 1, nest: 0.5 } },
  { ...withPrefetch(deadLetter), contenders: { millrace: 0.1, raw: 1 } },
  {
    ...withPrefetch(latency),
    contenders: { millrace: 1, raw: 1, nest: 1 },
    goals: { '.p50': [{ against: 'raw', atMost: 1.3 }], '.p99': [{ against: 'raw', atMost: 1.3 }] },
  },
  { ...firstMessage, contenders: { millrace: 1, raw: 1, nest: 1 } },
  { ...idle, contenders: { millrace: 1, raw: 1 } },
  { ...bindings, contenders: { millrace: 1, raw: 1 } },
];

function withPrefetch(work: Work): Work {
  return { ...work, title: `${work.title}, prefetch ${PREFETCH}`, task: { ...work.task, prefetch: PREFETCH } };
}
