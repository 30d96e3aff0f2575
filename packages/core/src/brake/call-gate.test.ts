import { type BrakeChange, CallGate, type CallGateSettings, type CallOutcome } from './call-gate';

const none: CallGateSettings = { slow: undefined, circuit: undefined, rate: undefined };
const ended = new Error('ended');

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** A gate, and calls through it that end when told to. */
function gateWith(settings: Partial<CallGateSettings>) {
  const changes: BrakeChange[] = [];
  const gate = new CallGate({
    settings: { ...none, ...settings },
    changed: (change) => changes.push(change),
  });
  const begun: string[] = [];
  const calls = new Map<string, { resolve(): void; reject(error: Error): void }>();
  const call = async (name: string, outcome: CallOutcome = 'failure', count = 1): Promise<unknown> => {
    const passed = await gate.enter(count);
    if (passed === undefined) return ended;
    begun.push(name);
    try {
      await new Promise<void>((resolve, reject) => calls.set(name, { resolve, reject }));
      return gate.leave(passed, 'success', undefined);
    } catch (error) {
      return gate.leave(passed, outcome, error);
    }
  };
  const end = async (name: string, error?: Error): Promise<void> => {
    const running = calls.get(name);
    if (error === undefined) running?.resolve();
    else running?.reject(error);
    await jest.advanceTimersByTimeAsync(0);
  };
  /** Fails so many calls, one after the other, without waiting for the clock. */
  const fail = async (times: number): Promise<void> => {
    for (let count = 1; count <= times; count += 1) {
      void call(`failing ${count}`);
      await jest.advanceTimersByTimeAsync(0);
      await end(`failing ${count}`, new Error(`no ${count}`));
    }
    begun.length = 0;
  };
  return { gate, changes, begun, call, end, fail };
}

const pass = (ms = 0): Promise<void> => jest.advanceTimersByTimeAsync(ms);

test('without brake and limit every call runs', async () => {
  const { begun, call } = gateWith({});
  for (const name of ['a', 'b', 'c']) void call(name);
  await pass();
  expect(begun).toEqual(['a', 'b', 'c']);
});

test('slow: one call at a time, the wait between them, in the order they came; a success lets all go', async () => {
  const { begun, call, end, fail, changes } = gateWith({ slow: { failures: 2, waitMs: 1_000 } });
  await fail(2);
  expect(changes).toEqual([{ state: 'slow', failures: 2, waitMs: 1_000, error: new Error('no 2') }]);
  for (const name of ['a', 'b', 'c', 'd']) void call(name);
  await pass(999);
  expect(begun).toEqual([]);
  await pass(1);
  expect(begun).toEqual(['a']);
  await pass(5_000);
  expect(begun).toEqual(['a']);
  await end('a', new Error('still'));
  await pass(1_000);
  expect(begun).toEqual(['a', 'b']);
  await end('b');
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
  expect(changes.at(-1)).toEqual({ state: 'off', failures: 0, waitMs: 0, error: undefined });
});

test('open: nothing runs; in its time one on trial, whose failure opens it again and whose success closes it', async () => {
  const { begun, call, end, fail, changes } = gateWith({ circuit: { failures: 3, openMs: 30_000 } });
  await fail(3);
  void call('a');
  void call('b');
  await pass(29_999);
  expect(begun).toEqual([]);
  await pass(1);
  expect(begun).toEqual(['a']);
  await end('a', new Error('not yet'));
  await pass(29_999);
  expect(begun).toEqual(['a']);
  await pass(1);
  expect(begun).toEqual(['a', 'b']);
  void call('c');
  await pass();
  expect(begun).toEqual(['a', 'b']);
  await end('b');
  expect(begun).toEqual(['a', 'b', 'c']);
  expect(changes.map(({ state }) => state)).toEqual(['open', 'halfOpen', 'open', 'halfOpen', 'off']);
});

test('it becomes half open in its time even when nothing waits', async () => {
  const { gate, fail } = gateWith({ circuit: { failures: 1, openMs: 100 } });
  await fail(1);
  await pass(100);
  expect(gate.state).toBe('halfOpen');
  expect(jest.getTimerCount()).toBe(0);
});

test('a trial that says nothing about an outage leaves the next one to decide', async () => {
  const { gate, begun, call, end, fail } = gateWith({ circuit: { failures: 1, openMs: 100 } });
  await fail(1);
  void call('a', 'neither');
  void call('b');
  await pass(100);
  await end('a', new Error('rejected'));
  expect({ begun, state: gate.state }).toEqual({ begun: ['a', 'b'], state: 'halfOpen' });
  await end('b');
  expect(gate.state).toBe('off');
});

test('what began before the opening and ends after it decides nothing', async () => {
  const { gate, begun, call, end } = gateWith({ circuit: { failures: 2, openMs: 100 } });
  for (const name of ['a', 'b', 'slow success', 'slow failure']) void call(name);
  await pass();
  await end('a', new Error('1'));
  await end('b', new Error('2'));
  expect(gate.state).toBe('open');
  await end('slow success');
  expect(gate.state).toBe('open');
  void call('trial');
  await pass(100);
  expect(begun.at(-1)).toBe('trial');
  await end('slow failure', new Error('3'));
  expect(gate.state).toBe('halfOpen');
  await end('trial');
  expect(gate.state).toBe('off');
});

test('asked to, it tries before its time', async () => {
  const { gate, begun, call, fail } = gateWith({ circuit: { failures: 1, openMs: 100 } });
  await fail(1);
  void call('a');
  gate.tryNow();
  await pass();
  expect({ begun, state: gate.state }).toEqual({ begun: ['a'], state: 'halfOpen' });
});

test('a rate limit counts messages, and first come is first called also where a later one would fit', async () => {
  const { begun, call } = gateWith({ rate: { messages: 3, perMs: 1_000 } });
  void call('two', 'failure', 2);
  void call('three', 'failure', 3);
  void call('one', 'failure', 1);
  await pass(999);
  expect(begun).toEqual(['two']);
  await pass(1);
  expect(begun).toEqual(['two', 'three']);
  await pass(1_000);
  expect(begun).toEqual(['two', 'three', 'one']);
});

test('at the end what waits is refused, nothing is let through any more, and no timer is left', async () => {
  const { gate, begun, call, end, fail, changes } = gateWith({ circuit: { failures: 1, openMs: 100 } });
  const running = call('runs');
  await pass();
  await fail(1);
  const waiting = call('waits');
  gate.end();
  expect(await waiting).toBe(ended);
  expect(await call('late')).toBe(ended);
  gate.tryNow();
  await end('runs');
  expect(await running).toBe(undefined);
  expect(jest.getTimerCount()).toBe(0);
  expect(begun).toEqual([]);
  expect(changes.map(({ state }) => state)).toEqual(['open']);
});
