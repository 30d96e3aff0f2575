// A member of a group of its own process, to be killed or stopped: copies records under exactlyOnce, until it is ended.
const { setTimeout: sleep } = require('node:timers/promises');
const { binder } = require('@millrace/binder-kafka');

const { brokers, from, to, group, workMs } = JSON.parse(process.argv[2] ?? '{}');
const nothing = () => undefined;
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

async function main() {
  const kafka = await binder.create({ name: 'kafka', app: 'till', options: binder.options.parse({ brokers }), logger });
  const bound = { native: {}, report: nothing };
  const out = await kafka.bindProducer({
    ...bound,
    binding: 'receipts',
    destination: to,
    partitionCount: undefined,
    requiredGroups: [],
  });
  await kafka.bindConsumer({
    ...bound,
    native: { sessionTimeout: '6s', heartbeatInterval: '300ms' },
    binding: `orders/${group}`,
    destinations: [from],
    group,
    concurrency: 4,
    prefetch: 64,
    deadLetter: undefined,
    delays: [],
    instance: undefined,
    exactlyOnce: true,
    deliver: async (record) => {
      const unitOfWork = { record, binder: 'kafka' };
      const { payload, headers, key } = record;
      await sleep(workMs);
      try {
        await out.send({ payload, headers, key, unitOfWork });
      } catch {
        return { verdict: 'requeue' };
      }
      return { verdict: 'ack', unitOfWork };
    },
  });
  process.stdout.write('ready\n');
}

void main();
