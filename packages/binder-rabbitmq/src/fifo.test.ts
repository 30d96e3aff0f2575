import { Fifo } from './fifo';

it('first in, first out, also when much has gone through it', () => {
  const fifo = new Fifo<number>();
  let [pushed, shifted] = [0, 0];
  for (let round = 0; round < 5_000; round += 1) {
    for (let count = 0; count < round % 7; count += 1) fifo.push(pushed++);
    for (let count = 0; count < round % 5; count += 1) if (fifo.length > 0) expect(fifo.shift()).toBe(shifted++);
    expect(fifo.length).toBe(pushed - shifted);
    if (fifo.length > 0) expect(fifo.at(0)).toBe(shifted);
  }
  expect(fifo.drain()).toEqual(Array.from({ length: pushed - shifted }, (_, index) => shifted + index));
  expect([fifo.length, fifo.shift(), fifo.at(0)]).toEqual([0, undefined, undefined]);
});

it('takes some before all others', () => {
  const fifo = new Fifo<string>();
  for (const each of ['x', 'c', 'd']) fifo.push(each);
  fifo.shift();
  fifo.putFirst(['a', 'b']);
  fifo.putFirst([]);
  expect(fifo.at(2)).toBe('c');
  expect(fifo.drain()).toEqual(['a', 'b', 'c', 'd']);
});
