import { setImmediate as nextTurn } from 'node:timers/promises';
import { type FetchAnswer, type FetchBroker, KafkaEpochs } from './kafka-epochs';

/** A cluster with one broker, which answers when it is told to. */
class Cluster {
  readonly answers: { readonly give: (answer: FetchAnswer) => void; readonly fail: (error: Error) => void }[] = [];
  /** Resolves when a connection is there. */
  connected: Promise<void> = Promise.resolve();

  async findBroker(_: { nodeId: string }): Promise<FetchBroker> {
    await this.connected;
    return { fetch: () => new Promise((give, fail) => this.answers.push({ give, fail })) };
  }
}

const answer = (): FetchAnswer => ({ responses: [{ partitions: [{ messages: [] }] }] });
const messagesOf = ({ responses }: FetchAnswer): object | undefined => responses[0]?.partitions[0]?.messages;

function watched() {
  const cluster = new Cluster();
  const epochs = new KafkaEpochs();
  epochs.watch(cluster);
  const fetch = async (): Promise<FetchAnswer> => (await cluster.findBroker({ nodeId: '1' })).fetch({});
  return { cluster, epochs, fetch };
}

it('knows the records that were asked for in the present assignment, and no others', async () => {
  const { cluster, epochs, fetch } = watched();
  const fetched = fetch();
  await nextTurn();
  cluster.answers.shift()?.give(answer());
  const messages = messagesOf(await fetched);
  expect(epochs.isCurrent(messages)).toBe(true);
  expect([epochs.isCurrent([]), epochs.isCurrent(undefined)]).toEqual([false, false]);
  epochs.next();
  expect(epochs.isCurrent(messages)).toBe(false);
});

it('an answer to a former assignment is empty, and its error nobody’s concern', async () => {
  const { cluster, epochs, fetch } = watched();
  const fetches = [fetch(), fetch()];
  await nextTurn();
  epochs.next();
  cluster.answers[0]?.give(answer());
  cluster.answers[1]?.fail(new Error('offset out of range'));
  expect(await Promise.all(fetches)).toEqual([{ responses: [] }, { responses: [] }]);
});

it('a request counts from the moment its broker was looked for', async () => {
  const { cluster, epochs, fetch } = watched();
  let connect = (): void => {};
  cluster.connected = new Promise((resolve) => {
    connect = resolve;
  });
  const fetched = fetch();
  epochs.next();
  connect();
  await nextTurn();
  cluster.answers[0]?.give(answer());
  expect(await fetched).toEqual({ responses: [] });
});

it('an error of the present assignment is the client’s to handle', async () => {
  const { cluster, fetch } = watched();
  const fetched = fetch();
  await nextTurn();
  cluster.answers[0]?.fail(new Error('not the leader'));
  await expect(fetched).rejects.toThrow('not the leader');
});
