import type { InboundRecord } from '../binder/record';
import type { ConsumerSettings } from '../options/consumer-options';

/** Records of one lane are handled one after the other. `undefined`: no order is promised. */
export function laneOf(record: InboundRecord, ordering: ConsumerSettings['ordering']): string | undefined {
  if (ordering === 'none') return undefined;
  if (ordering === 'key') return record.key === undefined ? undefined : `${record.destination}\u0000${record.key}`;
  return `${record.destination}\u0000${record.partition ?? ''}`;
}
