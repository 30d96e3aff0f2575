import assert from 'node:assert/strict';
import { headerNames, Sink } from '@millrace/core';
import { deadLetterHeaderNames as names } from '@millrace/core/spi';
import { injectable } from 'inversify';
import type { Check } from '../check';
import { sendInTurn } from '../check-context';
import { Order, order, orders } from '../messages';

const once = { orders: { consumer: { retry: { maxAttempts: 1 } } } };
/** Spaces and line breaks that no encoder of ours would write; and bytes that are nothing at all. */
const handWritten = Buffer.from('{ "drink":"ristretto",\n\t"number" : 1, "placedAt":"2024-02-29T12:00:00Z" }\n');
const noise = Uint8Array.from([0x00, 0xff, 0xfe, 0x7b, 0x80, 0x22]);

export const deadLetter: readonly Check[] = [
  {
    id: 'E1',
    title: 'after the last attempt the message is in the dead-letter place, once, and finished',
    needs: ['deadLetters'],
    run: async (test) => {
      @injectable()
      class Barista {
        @Sink(Order)
        async brew(): Promise<void> {
          throw new Error('out of beans');
        }
      }
      const app = await test.start({
        components: [Barista],
        bindings: { orders: { consumer: { retry: { maxAttempts: 2 } } } },
      });
      const group = test.unique('app');
      await app.send(Order, order(1));
      await test.untilDeadLetters(group, 1);
      await app.stop();
      const later = await test.start();
      const seen = await test.record(later, group);
      await later.send(Order, order(2));
      await seen.until(1);
      assert.deepEqual(
        seen.handled.map((each) => each.number),
        [2],
        'the dead one is finished',
      );
      assert.equal((await test.deadLetters(group)).length, 1);
    },
  },
  {
    id: 'E2',
    title: 'the dead letter has the original body byte for byte, the original headers and key',
    needs: ['deadLetters'],
    run: async (test) => {
      const app = await test.start({ bindings: once });
      const group = test.unique('baristas');
      const failing = await test.record(app, group, () => Promise.reject(new Error('out of beans')));
      for (const payload of [handWritten, noise]) {
        await test.world.publishRaw(test.unique('orders'), {
          payload,
          headers: { contentType: 'application/json', table: 'seven' },
          key: 'one',
        });
      }
      const letters = await test.untilDeadLetters(group, 2);
      assert.equal(failing.calls.length, 1, 'calls: noise never reaches a handler');
      const byKind = new Map(letters.map((letter) => [letter.headers[names.kind], letter]));
      for (const [kind, payload] of Object.entries({ failed: handWritten, invalid: noise })) {
        const letter = byKind.get(kind);
        assert.deepEqual([...(letter?.payload ?? [])], [...payload], kind);
        assert.equal(letter?.headers.table, 'seven');
        assert.equal(letter?.key, 'one');
      }
    },
  },
  {
    id: 'E11',
    title: 'poison does not stop its partition: all before and after it are handled, in order',
    needs: ['deadLetters'],
    run: async (test) => {
      const app = await test.start();
      const group = test.unique('baristas');
      const seen = await test.record(app, group, ({ number }) => {
        if (number % 10 === 0) throw new Error('poison');
      });
      const sent = orders(30, () => ({ customer: 'one' }));
      await sendInTurn(app.source(Order), sent.slice(0, 15));
      await test.world.publishRaw(test.unique('orders'), { payload: noise, key: 'one' });
      await sendInTurn(app.source(Order), sent.slice(15));
      await seen.until(27);
      const healthy = sent.map((each) => each.number).filter((number) => number % 10 !== 0);
      assert.deepEqual(
        seen.handled.map((each) => each.number),
        healthy,
      );
      const letters = await test.untilDeadLetters(group, 4);
      assert.equal(letters.length, 4);
    },
  },
  { id: 'E12', title: 'too much poison in a time stops the consumer, and the health is down' },
  {
    id: 'E14',
    title: 'a dead letter belongs to the conversation and the trace of its message, and listeners hear of it',
    needs: ['deadLetters'],
    run: async (test) => {
      const app = await test.start({ bindings: once });
      const group = test.unique('baristas');
      const told: unknown[] = [];
      app.events.on('deadLetter', ({ binding, messageId, written }) => told.push([binding, messageId, written]));
      const failing = await test.record(app, group, () => Promise.reject(new Error('out of beans')));
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      await app.send(Order, order(1), { headers: { [headerNames.correlationId]: 'table 7', traceparent } });
      const [letter] = await test.untilDeadLetters(group, 1);
      const { id } = failing.calls[0]?.message ?? {};
      assert.equal(letter?.headers[headerNames.correlationId], 'table 7');
      assert.equal(letter?.headers.traceparent, traceparent);
      assert.equal(letter?.headers[headerNames.id], id);
      await test.eventually(() => assert.deepEqual(told, [[`orders/${group}`, id, true]]));
    },
  },
  { id: 'E16', title: 'a message past its time is not handled; it goes where the rule says' },
];
