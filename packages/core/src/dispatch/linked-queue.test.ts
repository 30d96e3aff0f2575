import fc from 'fast-check';
import { type Linked, LinkedQueue } from './linked-queue';

interface Guest extends Linked<Guest> {
  readonly name: number;
}

const guest = (name: number): Guest => ({ name, before: undefined, after: undefined });

test('keeps the order in which they came, whoever leaves, as a Set does', () => {
  const step = fc.tuple(fc.boolean(), fc.nat(6));
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const guests = Array.from({ length: 7 }, (_, name) => guest(name));
      const queue = new LinkedQueue<Guest>();
      const oracle = new Set<Guest>();
      for (const [comes, name] of steps) {
        const each = guests[name] as Guest;
        queue.remove(each);
        oracle.delete(each);
        if (comes) queue.add(each);
        if (comes) oracle.add(each);
        expect(queue.all().map((one) => one.name)).toEqual([...oracle].map((one) => one.name));
        expect(queue.first).toBe([...oracle][0]);
      }
    }),
  );
});

test('one that stands in it already goes to the end', () => {
  const [one, two] = [guest(1), guest(2)];
  const queue = new LinkedQueue<Guest>();
  for (const each of [one, two, one]) queue.add(each);
  expect(queue.all()).toEqual([two, one]);
});

test('who has left points to nobody', () => {
  const guests = [1, 2, 3].map(guest);
  const queue = new LinkedQueue<Guest>();
  for (const each of guests) queue.add(each);
  queue.remove(guests[1] as Guest);
  expect(guests[1]).toEqual(guest(2));
  expect(queue.all()).toEqual([guests[0], guests[2]]);
});
