// The work that is measured, the same for every broker.
import { ownMeasure, perSecondMeasures } from '../report/measures';
import type { Work } from './work';

type Messages = Work['messages'];

export function produce(callers: number, messages: Messages): Work {
  return {
    name: `produce.${callers}`,
    title: callers === 1 ? 'send, one awaited after the other' : `send, ${callers.toLocaleString('en-US')} callers`,
    kind: 'produce',
    task: { callers },
    messages,
    measures: perSecondMeasures,
  };
}

export function consume(partitions: number, messages: Messages): Work {
  return {
    name: `consume.${partitions}`,
    title: `consume, ${partitions} partition${partitions === 1 ? '' : 's'}`,
    kind: 'consume',
    task: { partitions },
    messages,
    measures: perSecondMeasures,
  };
}

export function withAsyncHandler(work: Work): Work {
  const { name, title, task } = work;
  return { ...work, name: `${name}.async`, title: `${title}, async handler`, task: { ...task, asyncHandler: true } };
}

export function ofSize(work: Work, kilobytes: number, messages: Messages): Work {
  const { name, title, task } = work;
  const size = { name: `${name}.${kilobytes}kB`, title: `${title}, ${kilobytes} kB` };
  return { ...work, ...size, task: { ...task, bytes: kilobytes * 1_000 }, messages };
}

/** So many types of messages on one destination, each with a handler of its own. */
export function withHandlers(handlers: number, messages: Messages): Work {
  return {
    name: `handlers.${handlers}`,
    title: `consume, ${handlers} types with a handler each`,
    kind: 'consume',
    task: { handlers },
    messages,
    measures: perSecondMeasures,
  };
}

export const batch: Work = {
  name: 'batch',
  title: 'batch sink, lists of 100',
  kind: 'batch',
  messages: { full: 60_000, quick: 20_000 },
  measures: perSecondMeasures,
};

export const processOrders: Work = {
  name: 'process',
  title: 'processor, output confirmed before the input is settled; order of each key kept',
  kind: 'process',
  task: { overlapping: true, clockFrom: 'joined' },
  messages: { full: 60_000, quick: 20_000 },
  measures: perSecondMeasures,
};

/** The order that a partition has by default: a message is handled when the outputs of the one before it are confirmed. */
export const processInOrder: Work = {
  ...processOrders,
  name: 'process.ordered',
  title: 'processor, one message at a time, output confirmed before the next',
  task: { clockFrom: 'joined' },
  messages: { full: 3_000, quick: 1_000 },
};

export const deadLetter: Work = {
  name: 'deadLetter',
  title: 'invalid messages, dead letter confirmed before the input is settled',
  kind: 'deadLetter',
  task: { invalid: true, clockFrom: 'joined' },
  messages: { full: 20_000, quick: 10_000 },
  measures: perSecondMeasures,
};

export const latency: Work = {
  name: 'latency',
  title: '500 messages/s, from send to handler',
  kind: 'latency',
  messages: { full: 2_000, quick: 750 },
  measures: [
    ownMeasure('p50', 'median', 'ms'),
    ownMeasure('p99', '99 of 100', 'ms'),
    ownMeasure('p999', '999 of 1,000', 'ms'),
  ],
};

export const firstMessage: Work = {
  name: 'firstMessage',
  title: 'from the start of the process to the first message handled',
  kind: 'firstMessage',
  messages: { full: 1, quick: 1 },
  measures: [{ ...ownMeasure('firstMessage', '', 'ms'), suffix: '', words: '' }],
  freshProcesses: true,
};

/** Messages are bindings here. */
export const idle: Work = {
  name: 'idle',
  title: 'memory of each idle binding',
  kind: 'idle',
  messages: { full: 40, quick: 20 },
  measures: [ownMeasure('heap', 'heap and buffers', 'kB'), ownMeasure('resident', 'resident', 'kB')],
  freshProcesses: true,
};

/** Messages are bindings here. */
export const bindings: Work = {
  name: 'bindings',
  title: '100 bindings started together',
  kind: 'bindings',
  messages: { full: 100, quick: 100 },
  measures: [
    ownMeasure('many', 'until all are ready', 'ms'),
    ownMeasure('one', 'until one alone is ready', 'ms'),
    ownMeasure('times', 'in multiples of one', '×'),
  ],
  freshProcesses: true,
};
