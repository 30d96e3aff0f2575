import type { SinkOptions } from '../metadata/stream-metadata';
import { type ConsumerSettings, inboxWindowOf } from '../options/consumer-options';
import type { Faults } from './faults';

/** Tells of what cannot be done in worker threads. @param where path of the consumer's options */
export function tellWorkerFaults(
  settings: ConsumerSettings,
  sinks: readonly { readonly owner: string; readonly options: SinkOptions<never> }[],
  where: string,
  faults: Faults,
): void {
  const { workers, concurrency, batch, outputs } = settings;
  if (workers === false) return;
  const at = `${where}.workers`;
  if (concurrency !== workers)
    faults.add(
      at,
      `there are ${workers} worker threads with one message each, but concurrency is ${concurrency}`,
      "Drop 'concurrency': with workers it is their number",
    );
  if (batch !== undefined)
    faults.add(at, 'a batch sink takes many messages as one', "Drop 'workers', or take one message at a time");
  if (outputs === 'immediate')
    faults.add(
      at,
      'what a worker thread sends is handed over when its handler has succeeded',
      "Drop 'outputs: immediate', or 'workers'",
    );
  for (const { owner, options } of sinks) {
    if (inboxWindowOf(settings) === undefined || options.messageId === undefined) continue;
    faults.add(
      owner,
      'its messageId reads the payload, which a worker thread decodes after the inbox has been asked',
      "Drop 'messageId' and let the sender choose the id of the message, or drop 'workers'",
    );
  }
}
