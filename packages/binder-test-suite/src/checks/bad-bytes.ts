import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { channel } from '@millrace/core';
import type { Check } from '../check';
import { Order, order } from '../messages';

const Letters = channel('letters', 'text');
const RECORDS = 60;

/** The same bytes for the same seed: a failure can be seen again. */
function* bytesOf(seed: string): Generator<Buffer, never> {
  for (let count = 0; ; count += 1) yield createHash('sha512').update(`${seed} ${count}`).digest();
}

const shapes: readonly ((noise: Buffer) => Buffer)[] = [
  (noise) => noise,
  (noise) => Buffer.from(JSON.stringify({ ...order(1), drink: noise.toString('latin1') })).subarray(0, noise[0]),
  (noise) => Buffer.from(`{"${noise.toString('latin1')}":${'['.repeat((noise[0] ?? 0) * 100)}`, 'latin1'),
  (noise) => Buffer.from(`{"__proto__":{"polluted":"${noise.toString('hex')}"},"number":1}`),
  (noise) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), noise]),
  () => Buffer.alloc(0),
];
const contentTypes = [
  'application/json',
  'text/plain',
  'nothing at all',
  `a/b;${' '.repeat(5_000)}charset`,
  '+'.repeat(300),
];

export const badBytes: readonly Check[] = [
  {
    id: 'Q16',
    title:
      'random bodies, headers and content types are handled or dead-lettered, and good messages after them are handled',
    needs: ['deadLetters'],
    seconds: 40,
    run: async (test) => {
      const group = test.unique('baristas');
      const app = await test.start({ bindings: { letters: {} } });
      const escaped: unknown[] = [];
      const onEscape = (error: unknown): void => void escaped.push(error);
      process.on('unhandledRejection', onEscape);
      test.cleanUp(async () => void process.off('unhandledRejection', onEscape));
      const seen = await test.record(app, group);
      const letters = test.recorder<string>();
      await app.sink(Letters, { group }, letters.handle);
      const source = bytesOf(group);
      for (let count = 0; count < test.times(RECORDS, 24); count += 1) {
        const noise = source.next().value;
        const payload = (shapes[count % shapes.length] as (noise: Buffer) => Buffer)(noise);
        const contentType = contentTypes[(noise[1] ?? 0) % contentTypes.length] as string;
        const headers = { contentType, [`h-${noise.toString('base64').slice(0, 20)}`]: noise.toString('latin1') };
        const stem = count % 3 === 0 ? 'letters' : 'orders';
        await test.world.publishRaw(test.unique(stem), { payload, headers, key: noise.toString('hex', 0, 4) });
      }
      for (let number = 1; number <= 8; number += 1) await app.send(Order, order(number, { customer: `${number}` }));
      await test.eventually(() => {
        const good = new Set(seen.messages.filter(({ id }) => id !== undefined).map(({ payload }) => payload.number));
        assert.equal(good.size, 8);
      });
      assert.deepEqual(escaped, []);
      assert.equal(({} as { polluted?: unknown }).polluted, undefined);
      await test.eventually(() => assert.equal(app.health().status, 'up'));
    },
  },
];
