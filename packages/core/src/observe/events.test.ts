import { Events } from './events';
import { silentLogger } from './logger';

const event = { application: 'shop', state: 'running' } as const;

test('listeners get events until they are taken off', () => {
  const events = new Events(silentLogger);
  const seen: unknown[] = [];
  const off = events.on('application', (each) => seen.push(each));
  events.emit('application', event);
  off();
  events.emit('application', event);
  expect(seen).toEqual([event]);
});

test('listens tells whether an event is worth making', () => {
  const events = new Events(silentLogger);
  expect(events.listens('send')).toBe(false);
  const off = events.on('send', () => undefined);
  expect({ send: events.listens('send'), retry: events.listens('retry') }).toEqual({ send: true, retry: false });
  off();
  expect(events.listens('send')).toBe(false);
});

test('a listener that throws is logged, and disturbs neither the sender nor the other listeners', () => {
  const errors: object[] = [];
  const events = new Events({ ...silentLogger, error: (facts) => errors.push(facts) });
  const seen: unknown[] = [];
  const failure = new Error('listener');
  events.on('application', () => {
    throw failure;
  });
  events.on('application', (each) => seen.push(each));
  events.emit('application', event);
  expect(seen).toEqual([event]);
  expect(errors).toEqual([{ err: failure, event: 'application' }]);
});
