import assert from 'node:assert/strict';
import { Channel, channel, Sink } from '@millrace/core';
import { deadLetterHeaderNames } from '@millrace/core/spi';
import { IsInt, IsString } from 'class-validator';
import { injectable } from 'inversify';
import type { Check } from '../check';
import { numbersOf, Order, order, orders } from '../messages';

/** Two classes that share a channel. */
@Channel('counter')
class Espresso {
  @IsInt() shots!: number;
}
@Channel('counter')
class Tea {
  @IsString() leaf!: string;
}
/** A third class on the same channel, which nobody takes. */
class Cake {
  @IsString() slice!: string;
}
const Cakes = channel('counter', Cake);

const espresso = (shots: number): Espresso => Object.assign(new Espresso(), { shots });
const tea = (leaf: string): Tea => Object.assign(new Tea(), { leaf });

/** Writes down which of its sinks got what. */
@injectable()
class Counter {
  readonly seen: string[] = [];

  @Sink(Espresso, { when: ({ shots }) => shots > 1 })
  double(one: Espresso): void {
    this.seen.push(`double ${one instanceof Espresso} ${one.shots}`);
  }

  @Sink(Espresso, { when: ({ shots }) => shots === 1 })
  single(one: Espresso): void {
    this.seen.push(`single ${one instanceof Espresso} ${one.shots}`);
  }

  @Sink(Tea)
  brew(one: Tea): void {
    this.seen.push(`tea ${one instanceof Tea} ${one.leaf}`);
  }
}

export const routing: readonly Check[] = [
  {
    id: 'A13',
    title: 'one handler for each class, or for what its filter takes, on one destination',
    run: async (test) => {
      const app = await test.start({ components: [Counter], bindings: { counter: {} } });
      await app.send(Espresso, espresso(2));
      await app.send(Tea, tea('assam'));
      await app.send(Espresso, espresso(1));
      const { seen } = app.get(Counter);
      await test.eventually(() => assert.equal(seen.length, 3));
      assert.deepEqual([...seen].sort(), ['double true 2', 'single true 1', 'tea true assam']);
    },
  },
  {
    id: 'A14',
    title: 'what no filter takes is finished and counted, a class nobody takes is a dead letter; the binding goes on',
    needs: ['deadLetters'],
    run: async (test) => {
      const app = await test.start({ components: [Counter], bindings: { counter: {} } });
      const group = test.unique('app');
      const outcomes: string[] = [];
      app.events.on('delivery', ({ outcome }) => outcomes.push(outcome));
      const picky = test.recorder();
      await app.sink(Order, { group, when: ({ number }) => number > 3 }, picky.handle);
      for (const each of orders(3)) await app.send(Order, each);
      await app.send(Espresso, espresso(0));
      await app.send(Cakes, Object.assign(new Cake(), { slice: 'lemon' }));
      await app.send(Tea, tea('assam'));
      await app.send(Order, order(4));
      await picky.until(1);
      assert.deepEqual(numbersOf(picky.handled), [4]);
      const [letter] = await test.untilDeadLetters(group, 1, 'counter');
      assert.equal(letter?.headers[deadLetterHeaderNames.code], 'TYPE_UNKNOWN');
      assert.equal(letter?.headers[deadLetterHeaderNames.kind], 'invalid');
      await test.eventually(() => assert.deepEqual(app.get(Counter).seen, ['tea true assam']));
      await test.eventually(() => {
        const filtered = outcomes.filter((outcome) => outcome === 'filtered');
        assert.equal(filtered.length, 4, 'three orders and an espresso');
      });
    },
  },
];
