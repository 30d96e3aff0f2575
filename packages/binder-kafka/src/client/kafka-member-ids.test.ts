import { type FarewellBroker, KafkaMemberIds } from './kafka-member-ids';

const refusal = (type: string, retriable: boolean): Error => Object.assign(new Error(type), { type, retriable });

/** Answers each farewell with the next of these; then takes it. */
function coordinatorThat(...refusals: readonly Error[]) {
  const asked: string[] = [];
  const left: Error[] = [...refusals];
  const broker: FarewellBroker = {
    leaveGroup: async ({ memberId }) => {
      asked.push(memberId);
      const next = left.shift();
      if (next !== undefined) throw next;
    },
  };
  return { broker, asked };
}

it('a coordinator that does not know its office yet is asked again, so that nobody joins beside his former', async () => {
  const { broker, asked } = coordinatorThat(
    refusal('NOT_COORDINATOR_FOR_GROUP', true),
    refusal('GROUP_COORDINATOR_NOT_AVAILABLE', true),
    refusal('GROUP_LOAD_IN_PROGRESS', true),
  );
  const ids = new KafkaMemberIds('baristas', ['one', 'two', 'own']);
  await ids.leaveOthers(broker, 'own');
  expect(asked).toEqual(['one', 'one', 'one', 'one', 'two']);
  expect(ids.all).toEqual(['own']);
});

it('who could not be told is told by the next client, and nobody joins before', async () => {
  const { broker } = coordinatorThat(new Error('connection lost'));
  const ids = new KafkaMemberIds('baristas', ['one']);
  await expect(ids.leaveOthers(broker, undefined)).rejects.toThrow('connection lost');
  expect(ids.all).toEqual(['one']);
});

it('who is gone already has left, and what will never pass keeps nobody out', async () => {
  const { broker } = coordinatorThat(refusal('UNKNOWN_MEMBER_ID', false), refusal('GROUP_AUTHORIZATION_FAILED', false));
  const ids = new KafkaMemberIds('baristas', ['gone', 'forbidden']);
  await ids.leaveOthers(broker, undefined);
  expect(ids.all).toEqual(['forbidden']);
});
