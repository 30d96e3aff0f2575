import { bindFailed } from './rabbitmq-errors';

/** As RabbitMQ 4 ends a connection, shortened by itself. */
function refusal(feature: string): Error {
  const words = `INTERNAL_ERROR - Feature \`${feature}\` is deprecated.\nBy default, this feature is not permitted anymore.\nTo con...`;
  return Object.assign(new Error(`Connection closed: 541 (INTERNAL-ERROR) with message "${words}"`), { code: 541 });
}

it.each([
  ['transient_nonexcl_queues', "say 'expires' in place of 'durableSubscription: false'"],
  ['queue_master_locator', "leave 'x-queue-master-locator' out of 'queueArguments'"],
  ['something_else', 'leave it out'],
])('what a release of the broker allows no more is in vain to try again: %s', (feature, remedy) => {
  expect(bindFailed('queue orders.g', refusal(feature))).toMatchObject({
    retryable: false,
    message: expect.stringContaining(
      `queue orders.g: the broker does not allow ${feature} any more: ${remedy}, or allow it there (deprecated_features.permit.${feature} = true)`,
    ),
  });
});

it('an error of the broker itself may pass', () => {
  const error = Object.assign(new Error('Connection closed: 541 (INTERNAL-ERROR) with message "crashed"'), {
    code: 541,
  });
  expect(bindFailed('queue orders.g', error)).toMatchObject({ retryable: true });
});
