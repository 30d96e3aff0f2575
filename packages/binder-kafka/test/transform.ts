import { numbers, text, textOf } from '@millrace/binder-test-suite';
import {
  type ConsumerBinding,
  type ConsumerRequest,
  type InboundRecord,
  type ProducerBinding,
  type Settlement,
  settlements,
} from '@millrace/core/spi';
import { type Rig } from './rig';

/** What a transform makes of a record: texts to be written, each under the key of the input; or a verdict of its own. */
export type Making = (record: InboundRecord) => string[] | Settlement | Promise<string[] | Settlement>;

/** As core does it under `exactlyOnce`: outputs name the attempt, and so does the verdict. */
export async function transform(
  rig: Rig,
  from: string,
  to: ProducerBinding,
  making: Making,
  changes: Partial<ConsumerRequest> = {},
): Promise<ConsumerBinding> {
  return rig.consumer(from, {
    exactlyOnce: true,
    deliver: async (record) => {
      const made = await making(record);
      if (!Array.isArray(made)) return made;
      const unitOfWork = { record, binder: 'kafka' };
      try {
        await Promise.all(made.map((each) => to.send(text(each, { key: record.key, unitOfWork }))));
      } catch {
        return settlements.requeue;
      }
      return { verdict: 'ack', unitOfWork };
    },
    ...changes,
  });
}

/** The plainest: each text once. */
export const copy: Making = (record) => [textOf(record)];

/** Under so many keys, in order of each. */
export async function fill(producer: ProducerBinding, count: number, keys = 8): Promise<void> {
  await Promise.all(
    numbers(keys).map(async (key) => {
      for (let each = 0; each < count; each += 1)
        if (each % keys === Number(key)) await producer.send(text(String(each), { key }));
    }),
  );
}
