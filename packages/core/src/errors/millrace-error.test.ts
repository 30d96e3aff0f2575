import { type ErrorCode, errorCodes } from './error-codes';
import { MillraceError } from './millrace-error';
import { BatchFailed, Reject, RetryLater } from './verdicts';

test.each(Object.keys(errorCodes) as ErrorCode[])('%s carries the answer and the help of its code', (code) => {
  const error = new MillraceError(code, 'what happened');
  expect(error).toMatchObject({ name: 'MillraceError', code, message: 'what happened', ...errorCodes[code] });
});

test('an error is recognised by brand and code, also one of another copy of the package', () => {
  const foreign = Object.defineProperty(
    Object.assign(new Error('x'), { code: 'SEND_FAILED' }),
    Symbol.for('millrace.error'),
    { value: true },
  );
  expect(MillraceError.is(foreign)).toBe(true);
  expect(MillraceError.is(foreign, 'SEND_FAILED')).toBe(true);
  expect(MillraceError.is(foreign, 'PAYLOAD_INVALID')).toBe(false);
  for (const other of [undefined, null, 'SEND_FAILED', new Error('x'), { code: 'SEND_FAILED' }])
    expect(MillraceError.is(other)).toBe(false);
});

test('cause and retryable can be given; without a cause there is none', () => {
  const cause = new Error('below');
  expect(new MillraceError('SEND_FAILED', 'x', { cause, retryable: false })).toMatchObject({ cause, retryable: false });
  expect('cause' in new MillraceError('SEND_FAILED', 'x')).toBe(false);
});

test('verdicts are errors with a code of their own', () => {
  expect(new Reject('no')).toMatchObject({ name: 'Reject', code: 'HANDLER_REJECTED', message: 'no', retryable: false });
  expect(new RetryLater('30s')).toMatchObject({ name: 'RetryLater', code: 'HANDLER_RETRY_LATER', delayMs: 30_000 });
  expect(new BatchFailed([0, 3]).failures).toEqual(
    new Map([
      [0, undefined],
      [3, undefined],
    ]),
  );
});

test.each(['soon', '', '10 seconds', -1, Number.NaN, Number.POSITIVE_INFINITY, '30d', undefined])(
  'RetryLater refuses %p as a delay',
  (delay) => {
    expect(() => new RetryLater(delay as never)).toThrow(RangeError);
  },
);
