import type { InboundRecord } from '../binder/record';
import { forwardedHeaders } from './forwarded-headers';
import { Lanes, laneOf } from './lane';

const record = (more: Partial<InboundRecord>): InboundRecord => ({
  destination: 'orders',
  payload: null,
  headers: {},
  deliveries: 1,
  ...more,
});

test('by partition, records of one partition of one destination share a lane', () => {
  const lane = (more: Partial<InboundRecord>) => laneOf(record(more), 'partition');
  expect(lane({ partition: 1, key: 'a' })).toBe(lane({ partition: 1, key: 'b' }));
  expect(lane({ partition: 1 })).not.toBe(lane({ partition: 2 }));
  expect(lane({ partition: 1 })).not.toBe(lane({ partition: 1, destination: 'receipts' }));
  expect(lane({})).toBe(lane({}));
  expect(lane({})).toBeDefined();
});

test('by key, records of one key share a lane, and those without a key have none', () => {
  const lane = (more: Partial<InboundRecord>) => laneOf(record(more), 'key');
  expect(lane({ partition: 1, key: 'a' })).toBe(lane({ partition: 1, key: 'a' }));
  expect(lane({ key: 'a' })).not.toBe(lane({ key: 'b' }));
  expect(lane({ key: '' })).toBeDefined();
  expect(lane({ partition: 1 })).toBeUndefined();
});

test.each(['partition', 'key', 'none'] as const)(
  'lanes that are remembered are shared by the same records: %s',
  (ordering) => {
    const lanes = new Lanes(ordering);
    const records = [
      {},
      { partition: 1, key: 'a' },
      { partition: 2, key: 'a' },
      { partition: 2, key: 'b' },
      { partition: 1, destination: 'receipts' },
      { partition: 1, destination: 'receipts', key: 'a' },
    ].map(record);
    for (const one of [...records, ...records])
      for (const other of records) {
        const remembered = [lanes.of(one), lanes.of(other)];
        const named = [laneOf(one, ordering), laneOf(other, ordering)];
        expect([one, other, remembered[0] === remembered[1]]).toEqual([one, other, named[0] === named[1]]);
        expect(remembered[0] === undefined).toBe(named[0] === undefined);
      }
  },
);

test('without ordering nothing has a lane', () => {
  expect(laneOf(record({ key: 'a', partition: 1 }), 'none')).toBeUndefined();
});

test("a processor's output takes over the user's headers alone", () => {
  const headers = {
    mine: 1,
    empty: null,
    contentType: 'text/plain',
    millrace_id: '1',
    'x-exception-message': 'x',
    kafka_offset: 3,
  };
  expect(forwardedHeaders(headers)).toEqual({ mine: 1, empty: null });
});
