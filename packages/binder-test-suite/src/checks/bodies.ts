import assert from 'node:assert/strict';
import { type InboundRecord, type OutboundRecord, settlements } from '@millrace/core/spi';
import type { Check } from '../check';
import type { CheckContext } from '../check-context';

export const bodies: readonly Check[] = [
  {
    id: 'B1',
    title: 'an empty body arrives empty; no body at all arrives as a tombstone, where the binder claims it',
    run: async (test) => {
      const empty = { payload: new Uint8Array(), headers: { kind: 'empty' }, key: 'one' };
      const tombstone = { payload: null, headers: { kind: 'tombstone' }, key: 'one' };
      const sent = test.capabilities.tombstones ? [empty, tombstone] : [empty];
      const received = await carried(test, sent);
      assert.deepEqual(
        received.map(({ payload, headers, key }) => ({ bytes: payload?.byteLength, kind: headers.kind, key })),
        sent.map(({ payload, headers, key }) => ({ bytes: payload?.byteLength, kind: headers.kind, key })),
      );
    },
  },
];

/** Records through the bare binder: core itself sends no body but what its codecs write. */
async function carried(test: CheckContext, records: readonly OutboundRecord[]): Promise<readonly InboundRecord[]> {
  const destination = test.unique('orders');
  const received: InboundRecord[] = [];
  const binder = await test.binder();
  const shared = { native: {}, report: () => undefined };
  const producer = await binder.bindProducer({
    ...shared,
    binding: 'orders',
    destination,
    partitionCount: undefined,
    requiredGroups: [],
  });
  const consumer = await binder.bindConsumer({
    ...shared,
    binding: 'orders/baristas',
    destinations: [destination],
    group: test.unique('baristas'),
    concurrency: 1,
    prefetch: 8,
    deadLetter: undefined,
    delays: [],
    instance: undefined,
    deliver: async (record) => {
      received.push(record);
      return settlements.ack;
    },
  });
  for (const record of records) await producer.send(record);
  await test.eventually(() => assert.equal(received.length, records.length));
  await Promise.all([consumer.close(), producer.close()]);
  return received;
}
