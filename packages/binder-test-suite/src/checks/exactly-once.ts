import assert from 'node:assert/strict';
import { MillraceError, Reject, RetryLater, Sink, Source } from '@millrace/core';
import { injectable } from 'inversify';
import type { Check } from '../check';
import type { CheckContext } from '../check-context';
import { sendAll } from '../check-context';
import { Order, orders, Receipt, receipt } from '../messages';

const COUNT = 40;
const REJECTED = 7;

/** Sends a note, then fails now and then: what a failed attempt has sent must not be seen. */
@injectable()
class Till {
  readonly #seen = new Set<number>();
  @Source(Receipt) readonly notes!: Source<Receipt>;

  @Sink(Order)
  @Source(Receipt)
  async bill(of: Order): Promise<Receipt> {
    const { number } = of;
    const isFirst = !this.#seen.has(number);
    this.#seen.add(number);
    await this.notes.send(receipt(of, isFirst && number % 4 === 0 ? 'first' : 'note'));
    if (number === REJECTED) throw new Reject('no');
    if (isFirst && number % 4 === 0) throw new Error('not now');
    if (isFirst && number % 5 === 0) throw new RetryLater(50);
    return receipt(of, 'bill');
  }
}

const bindings = { orders: { consumer: { exactlyOnce: true } } };

async function keepsThemTogether(test: CheckContext): Promise<void> {
  const app = await test.start({ components: [Till], bindings });
  await sendAll(app.source(Order), orders(COUNT));
  const expected = orders(COUNT)
    .filter(({ number }) => number !== REJECTED)
    .flatMap(({ number }) => [`${number} bill`, `${number} note`])
    .sort();
  await test.eventually(async () => {
    const found = (await test.records('receipts')).map(({ payload }) => JSON.parse(String(payload)) as Receipt);
    assert.deepEqual(found.map(({ order, text }) => `${order} ${text}`).sort(), expected);
  });
  const letters = await test.untilDeadLetters(test.unique('app'), 1);
  assert.equal(letters.length, 1);
  await app.stop();
  assert.equal((await test.records('receipts')).length, expected.length);
}

async function isRefused(test: CheckContext): Promise<void> {
  const app = await test.create({ components: [Till], bindings });
  await assert.rejects(app.start(), (error) => {
    assert.ok(MillraceError.is(error, 'CONFIGURATION_INVALID'));
    assert.match(error.message, /'orders\/.*' asks for exactlyOnce, which binder 'broker' does not offer/);
    return true;
  });
}

export const exactlyOnce: readonly Check[] = [
  {
    id: 'J10',
    title: 'exactlyOnce: an input, its outputs and its dead letter are one; refused at the start where not claimed',
    run: (test) => (test.capabilities.exactlyOnce ? keepsThemTogether(test) : isRefused(test)),
  },
];
