import assert from 'node:assert/strict';
import { capabilities } from '@millrace/core/spi';
import { applyingTo, reasonToSkip } from './binder-test-suite';
import type { BinderUnderTest } from './binder-under-test';
import { lineCounts, sections } from './checklist';
import { checks } from './checks';
import { provenBy } from './checks/claims';
import { notBuilt } from './not-built';

const ids = checks.map((check) => check.id);

describe('the checks', () => {
  it('are there for every line of the sections that are covered, once', () => {
    const expected = Object.entries(lineCounts).flatMap(([letter, count]) =>
      Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
    );
    assert.deepEqual(
      expected.filter((id) => !ids.includes(id as (typeof ids)[number])),
      [],
    );
    assert.equal(new Set(ids).size, ids.length);
  });

  it('belong to a section that is declared', () => {
    for (const id of ids) assert.ok(id.charAt(0) in sections, id);
  });

  it('run, or say what is not built', () => {
    for (const check of checks) assert.ok(check.run !== undefined || check.id in notBuilt, check.id);
    for (const id of Object.keys(notBuilt)) assert.ok(ids.includes(id as (typeof ids)[number]), id);
  });

  it('prove every capability with a check that is built', () => {
    for (const [capability, id] of Object.entries(provenBy)) {
      const check = checks.find((each) => each.id === id);
      assert.ok(check?.run !== undefined && !(id in notBuilt), `${capability} by ${id}`);
    }
  });
});

describe('reasonToSkip', () => {
  const subject: BinderUnderTest = {
    name: 'none',
    capabilities: capabilities({ history: true }),
    newWorld: () => never(),
  };
  const check = { id: 'A1', title: 'a promise', run: async () => undefined } as const;

  it('is none where every need is met', () => {
    assert.equal(reasonToSkip({ ...check, needs: ['history', 'groups'] }, subject), undefined);
  });

  it('names the capability that is not claimed', () => {
    assert.equal(reasonToSkip({ ...check, needs: ['history', 'durable'] }, subject), 'durable is not claimed');
  });

  it('names the power that the subject does not have', () => {
    assert.equal(reasonToSkip({ ...check, needs: ['restartBroker'] }, subject), 'the subject offers no restartBroker');
    const stronger = { ...subject, restartBroker: async () => undefined };
    assert.equal(reasonToSkip({ ...check, needs: ['restartBroker'] }, stronger), undefined);
  });

  it('names the feature that is not built', () => {
    assert.equal(
      reasonToSkip({ ...check, id: 'G7' }, subject),
      'needs changing the concurrency while running, not built yet',
    );
  });
});

describe('applyingTo', () => {
  const subject: BinderUnderTest = { name: 'none', capabilities: capabilities({}), newWorld: () => never() };
  const check = { id: 'A1', title: 'a promise', run: async () => undefined } as const;
  const former = process.env.MILLRACE_CONFORMANCE;

  afterEach(() => {
    if (former === undefined) delete process.env.MILLRACE_CONFORMANCE;
    else process.env.MILLRACE_CONFORMANCE = former;
  });

  it('leaves out what is not claimed or not built, and never what wants a broker', () => {
    delete process.env.MILLRACE_CONFORMANCE;
    const applies = applyingTo({ ...subject, absent: 'there is no broker' });
    assert.deepEqual(
      [applies(check), applies({ ...check, needs: ['durable'] }), applies({ ...check, id: 'G7' })],
      [true, false, false],
    );
  });

  it('leaves out nothing where the whole list is wanted', () => {
    process.env.MILLRACE_CONFORMANCE = 'whole';
    assert.ok(applyingTo(subject)({ ...check, id: 'G7' }));
  });
});

function never(): never {
  throw new Error('not called');
}
