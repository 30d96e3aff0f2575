import { isConnectionTrouble, isPassing, isPermanent, isTooLarge, sendFailed } from '../kafka-errors';
import { faultOf, refused, withoutLeader } from './platformatic-faults';
import { loadPlatformatic } from './platformatic-library';

const library = loadPlatformatic('kafka');
const { AuthenticationError, NetworkError, ProtocolError, TimeoutError } = library;

it.each([
  ['NOT_LEADER_OR_FOLLOWER', 6],
  ['REQUEST_TIMED_OUT', 7],
  ['NOT_ENOUGH_REPLICAS', 19],
  ['NOT_ENOUGH_REPLICAS_AFTER_APPEND', 20],
  ['KAFKA_STORAGE_ERROR', 56],
])('%s may pass', (type, code) => {
  const fault = refused(library, code, 'orders');
  expect(fault).toMatchObject({ type, topic: 'orders' });
  expect([isPassing(fault), isConnectionTrouble(fault), isPermanent(fault)]).toEqual([true, false, false]);
});

it.each([
  ['TOPIC_AUTHORIZATION_FAILED', 29, true],
  ['INVALID_TIMESTAMP', 32, true],
  ['MESSAGE_TOO_LARGE', 10, false],
  ['UNKNOWN_SERVER_ERROR', -1, false],
])('%s does not', (type, code, permanent) => {
  const fault = refused(library, code, 'orders');
  expect(fault).toMatchObject({ type });
  expect([isPassing(fault), isPermanent(fault), isTooLarge(fault)]).toEqual([
    false,
    permanent,
    type === 'MESSAGE_TOO_LARGE',
  ]);
});

it('a code that the library does not know is told by its number', () => {
  expect(refused(library, 999, 'orders')).toMatchObject({ type: 'UNKNOWN_ERROR_999', retriable: false });
});

it('what the broker says beside the code is told', () => {
  expect(sendFailed('orders', refused(library, 87, 'orders', 'a record without a key')).message).toBe(
    'topic orders: INVALID_RECORD: a record without a key',
  );
});

it('a partition without a leader may get one', () => {
  expect(isPassing(withoutLeader('orders', 3))).toBe(true);
});

it('a log-in that is refused is found below the errors of the connection, and trying again is in vain', () => {
  const wrong = new ProtocolError('SASL_AUTHENTICATION_FAILED');
  const told = new AuthenticationError('SASL authentication failed.', { cause: wrong });
  const fault = faultOf(new NetworkError('Connection to kafka-1:9093 failed.', { cause: told }));
  expect(isPermanent(fault)).toBe(true);
  expect(sendFailed('orders', fault)).toMatchObject({
    retryable: false,
    message: expect.stringContaining('the broker refuses the log-in'),
  });
});

it('a connection that fails, an answer that does not come: the next try may do better', () => {
  const gone = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
  const handshake = new TimeoutError('Request timed out');
  for (const fault of [
    faultOf(new NetworkError('Connection to 127.0.0.1:1 failed.', { cause: gone })),
    faultOf(new NetworkError('x', { cause: new AuthenticationError('no mechanism', { cause: handshake }) })),
    faultOf(new TimeoutError('Request timed out')),
    faultOf(new NetworkError('Connection closed')),
  ])
    expect([isConnectionTrouble(fault), isPassing(fault)]).toEqual([true, true]);
  expect(sendFailed('orders', new NetworkError('Connection failed.', { cause: gone })).message).toContain(
    "no broker answers there; check 'brokers'",
  );
});
