import assert from 'node:assert/strict';
import { eventually, remains, until, within } from './eventually';

describe('eventually', () => {
  it('returns what the assertion returns, once it holds', async () => {
    let tries = 0;
    const result = await eventually(() => {
      tries += 1;
      if (tries < 3) throw new Error('not yet');
      return tries;
    }, 1_000);
    assert.equal(result, 3);
  });

  it('fails with the last error when the time is over', async () => {
    let tries = 0;
    const failing = eventually(async () => {
      tries += 1;
      throw new Error(`try ${tries}`);
    }, 20);
    await assert.rejects(
      failing,
      (error: Error) =>
        error.message.startsWith('still not so after 20 ms: try ') && error.message.endsWith(String(tries)),
    );
  });
});

describe('until', () => {
  it('asks until it is so', async () => {
    let asked = 0;
    await until(async () => {
      asked += 1;
      return asked === 3;
    });
    assert.equal(asked, 3);
  });

  it('fails with what there is to say when the time is over, and at once where asking fails', async () => {
    let asked = 0;
    const never = (): boolean => {
      asked += 1;
      return false;
    };
    const late = until(never, 20, () => `${asked} times`);
    await assert.rejects(late, (error: Error) => error.message === `still not so after 20 ms: ${asked} times`);
    await assert.rejects(
      until(() => Promise.reject(new Error('no answer'))),
      /^Error: no answer$/,
    );
  });
});

describe('within', () => {
  it('gives the result of a promise that is in time, and its failure', async () => {
    assert.equal(await within('it', Promise.resolve(1), 1_000), 1);
    await assert.rejects(within('it', Promise.reject(new Error('no')), 1_000), /^Error: no$/);
  });

  it('fails where the promise stays open', async () => {
    await assert.rejects(within('the end', new Promise(() => undefined), 5), /the end was not done after 5 ms/);
  });
});

describe('remains', () => {
  it('passes where the assertion holds all the time', async () => {
    await remains(() => undefined, 20);
  });

  it('fails as soon as it does not', async () => {
    let tries = 0;
    const failing = remains(() => {
      tries += 1;
      assert.ok(tries < 2);
    }, 5_000);
    await assert.rejects(failing);
    assert.equal(tries, 2);
  });
});
