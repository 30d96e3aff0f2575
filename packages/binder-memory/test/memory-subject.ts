import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BinderUnderTest } from '@millrace/binder-test-suite';
import { capabilities } from '@millrace/core/spi';
import { MemoryBroker, memoryBinder } from '../src/index';

/** A process of its own runs what is compiled; without a build the checks that need one are skipped. */
const isBuilt = ['binder-memory', 'binder-test-suite', 'core'].every((name) =>
  existsSync(join(__dirname, '..', '..', name, 'dist', 'index.js')),
);

/** Each world is a broker of its own, in this process. */
export const memorySubject: BinderUnderTest = {
  name: 'memory',
  capabilities: capabilities({
    history: true,
    partitions: true,
    delayedRequeue: true,
    countsDeliveries: true,
    tombstones: true,
    patterns: true,
  }),
  separateWorlds: true,
  newWorld: () => {
    const broker = new MemoryBroker();
    return {
      module: memoryBinder(broker),
      readRecords: async (destination) => broker.records(destination),
      readDeadLetters: async (destination, group) => broker.deadLetters(destination, group),
      publishRaw: (destination, { headers = {}, ...record }) => broker.publish(destination, { ...record, headers }),
      close: () => broker.close(),
    };
  },
  ...(isBuilt && { childProgram: join(__dirname, 'child-program.cjs') }),
};
