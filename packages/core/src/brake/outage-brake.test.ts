import fc from 'fast-check';
import { OutageBrake, type OutageBrakeSettings } from './outage-brake';

const both: OutageBrakeSettings = { slow: { failures: 2, waitMs: 10 }, circuit: { failures: 4, openMs: 100 } };

function failing(times: number, settings = both): OutageBrake {
  const brake = new OutageBrake(settings);
  for (let count = 0; count < times; count += 1) brake.failed(0);
  return brake;
}

test.each([
  [0, 'off', Number.POSITIVE_INFINITY],
  [1, 'off', Number.POSITIVE_INFINITY],
  [2, 'slow', 1],
  [3, 'slow', 1],
  [4, 'open', 0],
])('after %d failures in a row it is %s and lets %d calls run', (failures, state, limit) => {
  const brake = failing(failures);
  expect({ state: brake.state, limit: brake.limit, failures: brake.failures }).toEqual({ state, limit, failures });
});

test('a success in between begins the count anew', () => {
  const brake = failing(1);
  brake.succeeded();
  brake.failed(0);
  expect(brake.state).toBe('off');
});

test('slow: each call waits from the last failure; a success ends it', () => {
  const brake = failing(2);
  brake.failed(7);
  expect({ state: brake.state, notBefore: brake.notBefore }).toEqual({ state: 'slow', notBefore: 17 });
  brake.succeeded();
  expect({ state: brake.state, failures: brake.failures, limit: brake.limit }).toEqual({
    state: 'off',
    failures: 0,
    limit: Number.POSITIVE_INFINITY,
  });
});

test('open: half open when its time is over, not before; then one call decides', () => {
  const brake = failing(4);
  brake.tick(99);
  expect(brake.state).toBe('open');
  brake.tick(100);
  expect({ state: brake.state, limit: brake.limit }).toEqual({ state: 'halfOpen', limit: 1 });
  brake.failed(150);
  expect({ state: brake.state, notBefore: brake.notBefore }).toEqual({ state: 'open', notBefore: 250 });
  brake.tick(250);
  brake.succeeded();
  expect(brake.state).toBe('off');
});

test('it is tried before its time when somebody asks for it, and only then', () => {
  const slow = failing(2);
  slow.tryNow();
  expect(slow.state).toBe('slow');
  const open = failing(4);
  open.tryNow();
  expect(open.state).toBe('halfOpen');
});

test.each<[string, OutageBrakeSettings, string]>([
  ['only slow', { ...both, circuit: undefined }, 'slow'],
  ['only a circuit', { ...both, slow: undefined }, 'open'],
  ['neither', { slow: undefined, circuit: undefined }, 'off'],
])('with %s, many failures lead to nothing else', (_, settings, state) => {
  expect(failing(50, settings).state).toBe(state);
});

test('whatever happens: open lets nothing run, and a success always ends the brake', () => {
  const step = fc.oneof(
    fc.constant('succeeded' as const),
    fc.constant('tryNow' as const),
    fc.record({ failedAt: fc.nat(1_000) }),
    fc.record({ tickAt: fc.nat(1_000) }),
  );
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const brake = new OutageBrake(both);
      let inARow = 0;
      for (const each of steps) {
        if (each === 'succeeded') {
          brake.succeeded();
          inARow = 0;
          expect(brake.state).toBe('off');
        } else if (each === 'tryNow') brake.tryNow();
        else if ('tickAt' in each) brake.tick(each.tickAt);
        else {
          brake.failed(each.failedAt);
          inARow += 1;
        }
        expect(brake.failures).toBe(inARow);
        expect(brake.limit === 0).toBe(brake.state === 'open');
        expect(brake.state === 'off').toBe(inARow < 2);
      }
    }),
  );
});
