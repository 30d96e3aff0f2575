import type { MessageToPublish } from '../rabbitmq-port';
import { type Sending, Unconfirmed } from './rabbitmq-unconfirmed';

const message = (body: string, messageId?: string): MessageToPublish => ({
  exchange: 'orders',
  routingKey: 'orders',
  body: Buffer.from(body),
  properties: { messageId },
});

function sending(body: string, changes: Partial<Sending> = {}): Sending {
  return {
    message: message(body),
    headerBytes: 10,
    size: 100,
    deadline: 1_000,
    resolve: () => undefined,
    reject: () => undefined,
    isOver: false,
    returned: undefined,
    strikes: 0,
    ...changes,
  };
}

function windowOf(...bodies: string[]): Unconfirmed {
  const unconfirmed = new Unconfirmed();
  for (const body of bodies) unconfirmed.add(sending(body));
  return unconfirmed;
}

const bodyOf = ({ message: { body } }: Sending): string => body.toString();

it('confirms one, or all up to one, in any order, each once', () => {
  const unconfirmed = windowOf('a', 'b', 'c', 'd', 'e', 'f');
  const confirmed: string[] = [];
  const note = (each: Sending): void => void confirmed.push(bodyOf(each));
  unconfirmed.confirm(3, false, note);
  unconfirmed.confirm(3, false, note);
  expect([confirmed.join(''), unconfirmed.length, unconfirmed.bytes]).toEqual(['c', 6, 500]);
  unconfirmed.confirm(1, false, note);
  expect([confirmed.join(''), unconfirmed.length]).toEqual(['ca', 5]);
  unconfirmed.confirm(2, false, note);
  expect([confirmed.join(''), unconfirmed.length]).toEqual(['cab', 3]);
  unconfirmed.confirm(5, true, note);
  unconfirmed.confirm(1, true, note);
  unconfirmed.confirm(99, false, note);
  expect([confirmed.join(''), unconfirmed.length, unconfirmed.bytes]).toEqual(['cabde', 1, 100]);
});

it('a channel that is gone leaves what was not confirmed, in order; numbers begin again', () => {
  const unconfirmed = windowOf('a', 'b', 'c', 'd');
  unconfirmed.confirm(2, false, () => undefined);
  expect(unconfirmed.reset().map(bodyOf)).toEqual(['a', 'c', 'd']);
  expect([unconfirmed.length, unconfirmed.bytes]).toEqual([0, 0]);
  unconfirmed.add(sending('x'));
  const confirmed: string[] = [];
  unconfirmed.confirm(1, false, (each) => confirmed.push(bodyOf(each)));
  expect(confirmed).toEqual(['x']);
});

it('finds what comes back among messages that are alike, from the first on', () => {
  const unconfirmed = new Unconfirmed();
  const all = ['a', 'b', 'a', 'a'].map((body) => sending(body));
  for (const each of all) unconfirmed.add(each);
  expect(unconfirmed.findReturned(message('a'))).toBe(all[0]);
  expect(unconfirmed.findReturned(message('a'))).toBe(all[2]);
  unconfirmed.confirm(3, true, () => undefined);
  expect(unconfirmed.findReturned(message('a'))).toBe(all[3]);
  expect(unconfirmed.findReturned(message('a'))).toBeUndefined();
  expect(unconfirmed.findReturned(message('a', 'another id'))).toBeUndefined();
});

it('names whose time is up, and keeps their places', () => {
  const unconfirmed = new Unconfirmed();
  const [first, second, third] = [10, 20, 30].map((deadline) => sending('x', { deadline })) as [
    Sending,
    Sending,
    Sending,
  ];
  for (const each of [first, second, third]) unconfirmed.add(each);
  expect(unconfirmed.late(20)).toEqual([first, second]);
  first.isOver = true;
  expect(unconfirmed.late(20)).toEqual([second]);
  const confirmed: Sending[] = [];
  unconfirmed.confirm(2, true, (each) => confirmed.push(each));
  expect(confirmed).toEqual([first, second]);
  expect(unconfirmed.reset()).toEqual([third]);
});
