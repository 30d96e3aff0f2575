import { RabbitmqAcks } from './rabbitmq-acks';

/** What the broker is told, and what it would say: a tag must be new to it. */
class Ledger {
  readonly told: string[] = [];
  readonly #open = new Set<number>();

  arrived(...tags: number[]): void {
    for (const tag of tags) this.#open.add(tag);
  }

  ack(tag: number, multiple: boolean): void {
    this.told.push(multiple ? `ack ..${tag}` : `ack ${tag}`);
    if (!this.#open.has(tag)) throw new Error(`unknown delivery tag ${tag}`);
    for (const each of [...this.#open]) if (each === tag || (multiple && each < tag)) this.#open.delete(each);
  }

  nack(tag: number, requeue: boolean): void {
    this.told.push(`nack ${tag}${requeue ? ' again' : ''}`);
    if (!this.#open.delete(tag)) throw new Error(`unknown delivery tag ${tag}`);
  }

  get open(): number[] {
    return [...this.#open];
  }
}

function acksWith(count: number, prefetch = 1_000): { ledger: Ledger; acks: RabbitmqAcks } {
  const ledger = new Ledger();
  const acks = new RabbitmqAcks(ledger, prefetch);
  for (let tag = 1; tag <= count; tag += 1) {
    ledger.arrived(tag);
    acks.arrived(tag);
  }
  return { ledger, acks };
}

it('finished from the first on: one acknowledgement for all', () => {
  const { ledger, acks } = acksWith(5);
  for (const tag of [2, 1, 3]) acks.ack(tag);
  acks.flush();
  expect(ledger.told).toEqual(['ack ..3']);
  acks.ack(4);
  acks.flush();
  expect(ledger.told).toEqual(['ack ..3', 'ack 4']);
  expect(ledger.open).toEqual([5]);
});

it('what arrived here not at all is not acknowledged along with what came after it', () => {
  const { ledger, acks } = acksWith(2);
  ledger.arrived(3, 4, 5, 6);
  for (const tag of [5, 6]) acks.arrived(tag);
  for (const tag of [1, 2, 5, 6]) acks.ack(tag);
  acks.flush();
  expect(ledger.told).toEqual(['ack ..2', 'ack 5', 'ack 6']);
  expect(ledger.open).toEqual([3, 4]);
});

it('nor is the one after all before it are finished', () => {
  const { ledger, acks } = acksWith(2);
  for (const tag of [1, 2]) acks.ack(tag);
  acks.flush();
  ledger.arrived(3, 4);
  acks.arrived(4);
  acks.ack(4);
  acks.flush();
  expect(ledger.told).toEqual(['ack ..2', 'ack 4']);
  expect(ledger.open).toEqual([3]);
});

it('behind one that is open each alone; what was told is not told again', () => {
  const { ledger, acks } = acksWith(6);
  for (const tag of [3, 5]) acks.ack(tag);
  acks.flush();
  expect(ledger.told).toEqual(['ack 3', 'ack 5']);
  for (const tag of [1, 2]) acks.ack(tag);
  acks.flush();
  expect(ledger.told.at(-1)).toBe('ack ..2');
  acks.ack(4);
  acks.flush();
  acks.ack(6);
  acks.flush();
  expect(ledger.told.slice(-2)).toEqual(['ack 4', 'ack 6']);
  expect(ledger.open).toEqual([]);
});

it('what is given back is told at once, and is none of those an acknowledgement means', () => {
  const { ledger, acks } = acksWith(4);
  acks.ack(1);
  acks.nack(2, true);
  acks.ack(3);
  acks.flush();
  expect(ledger.told).toEqual(['nack 2 again', 'ack ..3']);
  acks.nack(4, false);
  expect(ledger.told.at(-1)).toBe('nack 4');
  expect(ledger.open).toEqual([]);
});

it('a verdict that comes twice, or too late, or of a channel that is gone, is nobody’s', () => {
  const { ledger, acks } = acksWith(3);
  acks.ack(1);
  acks.ack(1);
  acks.nack(1, true);
  acks.flush();
  acks.ack(1);
  acks.flush();
  expect(ledger.told).toEqual(['ack 1']);
  acks.ack(2);
  acks.end();
  acks.flush();
  acks.nack(3, true);
  expect(ledger.told).toEqual(['ack 1']);
  expect(acks.isEnded).toBe(true);
});

it('goes out by itself: soon, or when half of the prefetch is finished', async () => {
  const { ledger, acks } = acksWith(10, 8);
  for (const tag of [1, 2, 3, 4]) acks.ack(tag);
  expect(ledger.told).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(ledger.told).toEqual(['ack ..4']);
  acks.ack(5);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(ledger.told).toEqual(['ack ..4', 'ack 5']);
});

it('goes out at once when none went out just before', async () => {
  const { ledger, acks } = acksWith(3, 8);
  acks.ack(1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(ledger.told).toEqual(['ack 1']);
  acks.ack(2);
  acks.ack(3);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(ledger.told).toEqual(['ack 1', 'ack ..3']);
});

it('any order of any verdicts leaves nothing open and tells nothing twice', () => {
  for (let round = 0; round < 200; round += 1) {
    const { ledger, acks } = acksWith(0);
    const open: number[] = [];
    let next = 1;
    for (let step = 0; step < 300; step += 1) {
      const chance = Math.random();
      if (chance < 0.4) {
        ledger.arrived(next);
        acks.arrived(next);
        open.push(next);
        next += 1;
      } else if (chance < 0.9 && open.length > 0) {
        const [tag = 0] = open.splice(Math.floor(Math.random() * open.length), 1);
        if (Math.random() < 0.2) acks.nack(tag, true);
        else acks.ack(tag);
      } else acks.flush();
    }
    for (const tag of open) acks.ack(tag);
    acks.flush();
    expect(ledger.open).toEqual([]);
  }
});
