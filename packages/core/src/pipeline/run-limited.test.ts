import { Interrupted, limited, runLimited } from './run-limited';

const never = (): Promise<never> => new Promise(() => undefined);
const noDeadline = new AbortController().signal;

test('the value of a handler comes through, whether it comes now or later', async () => {
  expect(runLimited(() => 1, 10, noDeadline, 'Barista.brew')).toBe(1);
  expect(await runLimited(async () => 2, 10, noDeadline, 'Barista.brew')).toBe(2);
});

test('what a handler throws comes through as it is, whether it comes now or later', async () => {
  const thrown = { not: 'an error' };
  const now = (): never => {
    throw thrown;
  };
  await expect((async () => runLimited(now, 10, noDeadline, 'x'))()).rejects.toBe(thrown);
  await expect(runLimited(() => Promise.reject(thrown), 10, noDeadline, 'x')).rejects.toBe(thrown);
});

test('past the limit the signal fires with the reason, which names the handler', async () => {
  let signal: AbortSignal | undefined;
  const run = (given: () => AbortSignal): Promise<never> => {
    signal = given();
    return never();
  };
  await expect(runLimited(run, 5, noDeadline, 'Barista.brew')).rejects.toMatchObject({
    code: 'HANDLER_TIMEOUT',
    message: 'Barista.brew ran longer than its timeout of 5 ms',
  });
  expect(signal?.reason).toMatchObject({ code: 'HANDLER_TIMEOUT' });
});

test('the signal does not fire for a handler that is in time', async () => {
  let signal: AbortSignal | undefined;
  await runLimited(
    async (given) => {
      signal = given();
    },
    5,
    noDeadline,
    'x',
  );
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(signal?.aborted).toBe(false);
});

test('at the drain deadline the handler is interrupted and its signal fires', async () => {
  const deadline = new AbortController();
  let signal: AbortSignal | undefined;
  const run = (given: () => AbortSignal): Promise<never> => {
    signal = given();
    return never();
  };
  const running = runLimited(run, false, deadline.signal, 'Barista.brew');
  deadline.abort();
  await expect(running).rejects.toBeInstanceOf(Interrupted);
  expect(signal?.aborted).toBe(true);
});

test('a signal that is asked for too late has fired', async () => {
  let ask: (() => AbortSignal) | undefined;
  const run = (given: () => AbortSignal): Promise<never> => {
    ask = given;
    return never();
  };
  await expect(runLimited(run, 5, noDeadline, 'x')).rejects.toMatchObject({ code: 'HANDLER_TIMEOUT' });
  expect(ask?.().aborted).toBe(true);
});

test('a deadline that has passed already interrupts at once', async () => {
  await expect(runLimited(never, false, AbortSignal.abort(), 'x')).rejects.toBeInstanceOf(Interrupted);
});

describe('with a sequel', () => {
  const asText = {
    done: (value: number) => `done ${value}`,
    failed: (error: unknown) => {
      throw new Error(`failed: ${(error as Error).message}`);
    },
  };
  const limits = { limitMs: 5, deadline: noDeadline, owner: 'Barista.brew' } as const;

  test('what it gives is the outcome', async () => {
    expect(await limited(Promise.resolve(1), limits, asText)).toBe('done 1');
    await expect(limited(Promise.reject(new Error('cold')), limits, asText)).rejects.toThrow('failed: cold');
  });

  test('what it throws is the outcome, and is not given to it again', async () => {
    const failed = jest.fn();
    const done = (): never => {
      throw new Error('spilt');
    };
    await expect(limited(Promise.resolve(1), limits, { done, failed })).rejects.toThrow('spilt');
    expect(failed).not.toHaveBeenCalled();
  });

  test('it is told once that the time is over, whatever comes later', async () => {
    const failed = jest.fn((error: unknown) => (error as { code: string }).code);
    const done = jest.fn();
    let finish = (): void => {};
    const late = new Promise<void>((resolve) => {
      finish = resolve;
    });
    expect(await limited(late, limits, { done, failed })).toBe('HANDLER_TIMEOUT');
    finish();
    await late;
    expect(failed).toHaveBeenCalledTimes(1);
    expect(done).not.toHaveBeenCalled();
  });
});
