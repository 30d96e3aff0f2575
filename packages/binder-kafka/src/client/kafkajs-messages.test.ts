import { createRequire } from 'node:module';
import fc from 'fast-check';
import { groupedInPlace } from './kafkajs-messages';

type Messages = Parameters<typeof groupedInPlace>[0];

/** How kafkajs groups a request, which it does not export. */
const clientsGroups = createRequire(__filename)('kafkajs/src/producer/groupMessagesPerPartition') as (request: {
  readonly topic: string;
  readonly partitionMetadata: readonly object[];
  readonly messages: Messages;
  readonly partitioner: (place: { readonly message: Messages[number] }) => number;
}) => Record<string, Messages>;

const PARTITIONS = 5;

/** By turns where the message has none, as the binder's partitioner does. */
function groupsOf(messages: Messages): Record<string, string[]> {
  let turn = 0;
  const partitioner = ({ message }: { readonly message: Messages[number] }): number => {
    message.partition ??= turn++ % PARTITIONS;
    return message.partition;
  };
  const groups = clientsGroups({ topic: 'orders', partitionMetadata: [{}], messages, partitioner });
  return Object.fromEntries(
    Object.entries(groups).map(([partition, group]) => [partition, group.map(({ value }) => String(value))]),
  );
}

const arbitraryMessages = fc.array(fc.option(fc.nat(PARTITIONS - 1), { nil: undefined }), { maxLength: 40 }).map(
  (partitions) => (): Messages =>
    partitions.map((partition, index) => ({
      key: null,
      value: Buffer.from(String(index)),
      headers: {},
      timestamp: undefined,
      partition,
    })),
);

it('the client groups them as it would group any messages', () => {
  fc.assert(
    fc.property(arbitraryMessages, (make) => {
      expect(groupsOf(groupedInPlace(make()))).toEqual(groupsOf(make()));
    }),
  );
});

it('a group is made once, and not anew for each message', () => {
  let made = 0;
  const message = { key: null, value: null, headers: {}, timestamp: undefined, partition: 3 };
  const messages = groupedInPlace(Array.from({ length: 500 }, () => ({ ...message })));
  const partitioner = (): number => {
    made += 1;
    return 3;
  };
  const groups = clientsGroups({ topic: 'orders', partitionMetadata: [{}], messages, partitioner });
  expect(groups['3']).toEqual(Array.from({ length: 500 }, () => message));
  expect(made).toBe(1);
});
