import { eventually } from '../eventually';
import { Order } from '../messages';
import { swift, useWorld } from '../world';

const world = useWorld({ partitions: 1 });

function refuseDeadLetters(times: number): { readonly refused: number } {
  const count = { refused: 0 };
  world().binder.interference.deadLetter = async () => {
    if (count.refused >= times) return;
    count.refused += 1;
    throw new Error('the dead letter is full');
  };
  return count;
}

test('a record whose dead letter is refused comes back to its handler, and is acknowledged only when the letter is written', async () => {
  const count = refuseDeadLetters(2);
  let calls = 0;
  const app = await world().sink(Order, {}, () => {
    calls += 1;
    throw new Error('no such drink');
  });
  const written: boolean[] = [];
  app.events.on('deadLetter', (event) => written.push(event.written));
  await world().publish('orders', '{"id":"1"}');

  await eventually(() => expect(world().binder.journal).toEqual(['dead letter orders', 'settled orders ack']));
  expect(count.refused).toBe(2);
  expect(written).toEqual([false, false, true]);
  expect(calls).toBeGreaterThan(swift.retry.maxAttempts);
  expect(world().broker.deadLetters('orders', 'shop')).toHaveLength(1);
});

test('bytes that cannot be decoded come back too when their dead letter is refused', async () => {
  refuseDeadLetters(2);
  await world().sink(Order, {}, () => undefined);
  await world().publish('orders', 'nonsense');
  await eventually(() => expect(world().binder.journal).toEqual(['dead letter orders', 'settled orders ack']));
  const [letter] = world().broker.deadLetters('orders', 'shop');
  expect(Buffer.from(letter?.payload ?? []).toString()).toBe('nonsense');
});

test('a refused dead letter turns the health down, and a written one turns it up again', async () => {
  const count = refuseDeadLetters(Number.POSITIVE_INFINITY);
  const app = await world().sink(Order, {}, () => {
    throw new Error('no such drink');
  });
  expect(app.health().status).toBe('up');
  await world().publish('orders', '{"id":"1"}');
  await eventually(() => expect(app.health().status).toBe('down'));
  expect(app.binding('orders/shop')?.trouble).toMatchObject({ message: 'the dead letter is full' });
  expect(world().binder.settled('ack')).toBe(0);
  expect(count.refused).toBeGreaterThan(0);

  world().binder.interference = {};
  await eventually(() => expect(app.health().status).toBe('up'));
  expect(app.binding('orders/shop')?.trouble).toBeUndefined();
});

test('a record whose dead letter is still refused at the stop goes back, and the next application gets it', async () => {
  const count = refuseDeadLetters(Number.POSITIVE_INFINITY);
  const app = await world().sink(Order, {}, () => {
    throw new Error('no such drink');
  });
  await world().publish('orders', '{"id":"1"}');
  await eventually(() => expect(count.refused).toBeGreaterThan(0));
  await app.stop();
  expect(world().binder.settled('ack')).toBe(0);
  expect(world().binder.settled('requeue')).toBe(1);
  expect(world().broker.lag('orders', 'shop')).toBe(1);

  const handled: string[] = [];
  await world().sink(Order, {}, (order) => void handled.push(order.id));
  await eventually(() => expect(handled).toEqual(['1']));
});

test('later records of the lane wait for the one whose dead letter is refused', async () => {
  refuseDeadLetters(3);
  const handled: string[] = [];
  await world().sink(Order, {}, (order) => {
    if (order.id === 'bad') throw new Error('no such drink');
    expect(world().broker.deadLetters('orders', 'shop')).toHaveLength(1);
    handled.push(order.id);
  });
  await world().publish('orders', '{"id":"bad"}');
  await world().publish('orders', '{"id":"good"}');
  await eventually(() => expect(handled).toEqual(['good']));
  expect(world().broker.deadLetters('orders', 'shop')).toHaveLength(1);
});
