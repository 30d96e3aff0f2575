import { headerNames } from './headers';
import { Message } from './message';

test('a message is a payload with headers, nothing more needed', () => {
  const message = new Message({ id: 1 });
  expect(message).toMatchObject({
    payload: { id: 1 },
    headers: {},
    key: undefined,
    delivery: undefined,
    attempt: 1,
    id: undefined,
  });
});

test('headers are frozen, and the object given stays as it was', () => {
  const given = { a: 1 };
  const { headers } = new Message('x', given);
  expect(Object.isFrozen(headers)).toBe(true);
  expect(Object.isFrozen(given)).toBe(false);
  given.a = 2;
  expect(headers).toEqual({ a: 1 });
});

test('the with… methods give copies and leave the message as it was', () => {
  const message = new Message('x', { a: 1 }, { key: 'k' });
  expect(message.withHeader('b', 2).headers).toEqual({ a: 1, b: 2 });
  expect(message.withHeaders({ a: 9 }).headers).toEqual({ a: 9 });
  expect(message.withPayload(7)).toMatchObject({ payload: 7, headers: { a: 1 }, key: 'k' });
  expect(message.withKey('l')).toMatchObject({ payload: 'x', key: 'l' });
  expect(message).toMatchObject({ payload: 'x', headers: { a: 1 }, key: 'k' });
});

test('id, content type and correlation are read from headers, and only text counts', () => {
  const headers = { [headerNames.id]: '1', [headerNames.contentType]: 'text/plain', [headerNames.correlationId]: 5 };
  const message = new Message('x', headers);
  expect({ id: message.id, type: message.contentType, correlation: message.correlationId }).toEqual({
    id: '1',
    type: 'text/plain',
    correlation: undefined,
  });
});
