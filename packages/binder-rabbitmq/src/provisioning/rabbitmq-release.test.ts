import type { FieldTable } from '../rabbitmq-port';
import { durableQueue } from './rabbitmq-declaration';
import { asTold, throwsAway } from './rabbitmq-release';

function queue(args: FieldTable) {
  return { name: 'orders.g', durable: true, exclusive: false, autoDelete: false, arguments: args };
}

it.each([
  ['3.10.8', {}],
  ['3.13.7', {}],
  ['4.0.5', { 'x-delivery-limit': -1 }],
  ['4.13.0', { 'x-delivery-limit': -1 }],
  ['10.0.0', { 'x-delivery-limit': -1 }],
  [undefined, { 'x-delivery-limit': -1 }],
])('no limit of deliveries, told to %s', (version, told) => {
  expect(asTold(durableQueue('orders.g', { 'x-delivery-limit': -1 }), version)).toEqual(durableQueue('orders.g', told));
});

it.each(['3.10.8', '4.0.5'])('a limit is told as it is, to %s', (version) => {
  const declaration = durableQueue('orders.g', { 'x-delivery-limit': 0 });
  expect(asTold(declaration, version)).toEqual(declaration);
});

const quorum = { 'x-queue-type': 'quorum' };

it.each([
  ['4.0.5', quorum, true],
  ['3.13.7', quorum, false],
  [undefined, quorum, false],
  ['4.0.5', {}, false],
  ['4.0.5', { ...quorum, 'x-delivery-limit': -1 }, false],
  ['4.0.5', { ...quorum, 'x-delivery-limit': 5 }, false],
  ['4.0.5', { ...quorum, 'x-dead-letter-exchange': 'DLX' }, false],
])('%s throws messages away that come back too often, of a queue with %j: %s', (version, args, expected) => {
  expect(throwsAway(queue(args), version)).toBe(expected);
});
