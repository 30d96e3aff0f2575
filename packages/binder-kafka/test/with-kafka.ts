import { brokerOrSkip, ownBrokerOrSkip } from '@millrace/brokers';

const shared = brokerOrSkip('kafka');

/** The Kafka that all tests of a run share: not to be harmed, and not to be alone with. */
export const sharedBrokers: string[] = shared.address.split(',');

/** Jest's `it`, for tests on the shared Kafka; without one they are skipped, with CI set they fail. */
export const itOnSharedKafka: jest.It = shared.skip === undefined ? it : (it.skip as jest.It);

/** The same for tests with a Kafka of their own. */
export const itOnOwnKafka: jest.It = ownBrokerOrSkip('kafka') === undefined ? it : (it.skip as jest.It);
