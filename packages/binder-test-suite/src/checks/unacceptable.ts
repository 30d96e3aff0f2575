import assert from 'node:assert/strict';
import { Channel, channel, MillraceError } from '@millrace/core';
import { deadLetterHeaderNames as names } from '@millrace/core/spi';
import type { Check } from '../check';
import type { CheckContext } from '../check-context';
import { Order, order } from '../messages';

const Letters = channel('letters', 'text');

/** Cannot be written as JSON. */
@Channel('receipts')
class Endless {
  readonly self = this;
  readonly size = 1n;
}

const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));

export const unacceptable: readonly Check[] = [
  {
    id: 'B12',
    title: 'no content type means JSON; an unknown or broken one makes a dead letter, and the binding goes on',
    needs: ['deadLetters'],
    run: async (test) => {
      await refused(test, [
        { payload: json(order(1)), headers: { contentType: 'application/x-cobol' }, code: 'CONTENT_TYPE_UNKNOWN' },
        { payload: json(order(1)), headers: { contentType: 'no type at all' }, code: 'CONTENT_TYPE_UNKNOWN' },
      ]);
    },
  },
  {
    id: 'B13',
    title: 'the content type of the binding stands for messages that name none, and is written with those sent',
    run: async (test) => {
      const app = await test.start({ bindings: { letters: { contentType: 'application/json' } } });
      const seen = test.recorder<string>();
      await app.sink(Letters, { group: test.unique('readers') }, seen.handle);
      const payload = Buffer.from('"in quotes"');
      await test.world.publishRaw(test.unique('letters'), { payload, key: 'one' });
      const headers = { contentType: 'text/plain' };
      await test.world.publishRaw(test.unique('letters'), { payload, key: 'one', headers });
      await app.send(Letters, 'sent', { key: 'one' });
      await seen.until(3);
      assert.deepEqual(seen.handled, ['in quotes', '"in quotes"', 'sent']);
      assert.equal((await test.records('letters')).at(-1)?.headers.contentType, 'application/json');
    },
  },
  {
    id: 'B14',
    title: 'bytes that cannot be decoded are a dead letter at once, byte for byte, without a call of the handler',
    needs: ['deadLetters'],
    run: async (test) => {
      const broken = ['', '{', '{"number":1', 'null', '[]', '"text"', '12', 'NaN', '{"number":1}}'];
      await refused(test, [
        ...broken.map((text) => ({ payload: Buffer.from(text) })),
        { payload: Uint8Array.of(0xff, 0xfe, 0x00), code: 'PAYLOAD_UNDECODABLE' },
        { payload: Buffer.from('{"drink":"\xc3\x28"}', 'latin1'), code: 'PAYLOAD_UNDECODABLE' },
      ]);
    },
  },
  {
    id: 'B17',
    title: 'what cannot be written is refused by send, and nothing is sent',
    run: async (test) => {
      const app = await test.start();
      await assert.rejects(app.send(Endless, new Endless()), (error) => MillraceError.is(error, 'ENCODING_FAILED'));
      await assert.rejects(
        app.send(Order, order(0)),
        (error) => MillraceError.is(error, 'PAYLOAD_INVALID') && /number/.test(error.message),
      );
      await assert.rejects(app.send(Order, { ...order(1) }), (error) => MillraceError.is(error, 'PAYLOAD_MISMATCH'));
      assert.equal((await test.records()).length + (await test.records('receipts')).length, 0);
    },
  },
  {
    id: 'B21',
    title: 'a message of a foreign program, without any header of ours, is read',
    run: async (test) => {
      const app = await test.start();
      const seen = await test.record(app, test.unique('baristas'));
      await test.world.publishRaw(test.unique('orders'), { payload: json(order(1, { customer: 'one' })), key: 'one' });
      await seen.until(1);
      assert.deepEqual(seen.handled, [order(1, { customer: 'one' })]);
      assert.equal(seen.messages[0]?.key, 'one');
    },
  },
  {
    id: 'B24',
    title: 'a body that breaks the rules of its class is a dead letter at once, not retried',
    needs: ['deadLetters'],
    run: async (test) => {
      const code = 'PAYLOAD_INVALID';
      await refused(test, [
        { payload: json({ ...order(1), number: 0 }), code },
        { payload: json({ ...order(1), drink: 5 }), code },
        { payload: json({ ...order(1), placedAt: 'last Tuesday' }), code },
        { payload: json({}), code },
      ]);
    },
  },
];

interface Refused {
  readonly payload: Uint8Array;
  readonly headers?: { readonly contentType: string };
  readonly code?: string;
}

/** Each becomes an `invalid` dead letter of the same bytes, without attempts; a good order after them is handled. */
async function refused(test: CheckContext, records: readonly Refused[]): Promise<void> {
  const app = await test.start();
  const group = test.unique('baristas');
  const seen = await test.record(app, group);
  for (const { payload, headers = {} } of records) {
    await test.world.publishRaw(test.unique('orders'), { payload, headers, key: 'one' });
  }
  await app.send(Order, order(1, { customer: 'one' }));
  await seen.until(1);
  assert.equal(seen.calls.length, 1, 'calls of the handler');
  const letters = await test.untilDeadLetters(group, records.length);
  assert.equal(letters.length, records.length);
  for (const { payload, code } of records) {
    const letter = letters.find(
      (each) =>
        Buffer.from(payload).equals(each.payload ?? Buffer.from('none')) &&
        (code ?? each.headers[names.code]) === each.headers[names.code],
    );
    assert.ok(letter, `a dead letter ${code ?? ''} of ${Buffer.from(payload).toString('latin1')}`);
    assert.equal(letter.headers[names.kind], 'invalid');
    assert.equal(letter.headers[names.attempts], 0);
  }
}
