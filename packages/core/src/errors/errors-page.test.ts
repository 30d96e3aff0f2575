import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodes } from './error-codes';

/** Rows of the table of codes: `| `CODE` | yes | what to do |`. */
const rows = readFileSync(join(__dirname, '../../../../docs/errors.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, code, retryable, help] = /^\| `([A-Z_]+)` \| (yes|no) \| (.+) \|$/.exec(line) ?? [];
    return code === undefined ? [] : [{ code, retryable: retryable === 'yes', help }];
  });

test('docs/errors.md lists exactly the codes there are, with their help', () => {
  expect(rows).toEqual(Object.entries(errorCodes).map(([code, { retryable, help }]) => ({ code, retryable, help })));
});
