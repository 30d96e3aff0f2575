import { topicPattern } from './topic-pattern';

test.each([
  ['orders.*', 'orders.new', true],
  ['orders.*', 'orders.new.baristas.retry', false],
  ['orders.*', 'orders.new.baristas.retry.10000', false],
  ['*', 'orders.retry', false],
  ['*', 'orders.retry.soon', true],
  ['*', 'error.orders.baristas', false],
  ['error.*', 'error.orders.baristas', true],
])('%s and the topic %s: %s', (pattern, topic, isMeant) => {
  expect(topicPattern(pattern)(topic)).toBe(isMeant);
});
