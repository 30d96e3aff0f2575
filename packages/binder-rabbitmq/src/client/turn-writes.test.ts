import { Duplex } from 'node:stream';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { TurnWrites, writeTurnsTogether } from './turn-writes';

interface Captured {
  readonly stream: Duplex;
  /** Each as it came, at the time. */
  readonly writes: string[];
}

function captured(): Captured {
  const writes: string[] = [];
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      writes.push(chunk.toString('hex'));
      done();
    },
  });
  return { stream, writes };
}

const hex = (parts: readonly Uint8Array[]): string => Buffer.concat(parts).toString('hex');

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 20 }),
  fc
    .tuple(fc.constantFrom(10_000, 16_384, 30_000, 65_536, 70_000), fc.nat(255))
    .map(([size, byte]) => new Uint8Array(size).fill(byte)),
);
const step = fc.record({ how: fc.constantFrom('frames', 'room', 'directly', 'turn'), what: bytes });

test('what channels and the connection itself write leaves complete, in the order it was written', () =>
  fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const { stream, writes } = captured();
      const turn = new TurnWrites(stream);
      const expected: Uint8Array[] = [];
      for (const { how, what } of steps) {
        if (how === 'turn') await endOfTurn();
        else expected.push(what);
        if (how === 'directly') stream.write(what);
        else if (how === 'frames') turn.write(Buffer.from(what));
        else if (how === 'room') {
          const at = turn.reserve(what.byteLength);
          turn.block.set(what, at);
        }
      }
      await endOfTurn();
      expect(writes.join('')).toBe(hex(expected));
    }),
    { numRuns: 200 },
  ));

test('what is written within a turn is one write, and the next turn is another', async () => {
  const { stream, writes } = captured();
  const turn = new TurnWrites(stream);
  for (const each of ['01', '02', '03']) turn.write(Buffer.from(each, 'hex'));
  expect(writes).toEqual([]);
  await endOfTurn();
  expect(writes).toEqual(['010203']);
  turn.write(Buffer.of(4));
  await endOfTurn();
  expect(writes).toEqual(['010203', '04']);
});

test('bytes that have left and wait in the stream are not written over', async () => {
  const waiting: Buffer[] = [];
  const stream = new Duplex({ read() {}, write: (chunk: Buffer) => void waiting.push(chunk) });
  const turn = new TurnWrites(stream);
  const first = Buffer.alloc(10_000, 1);
  turn.write(first);
  first.fill(9);
  await endOfTurn();
  for (let more = 0; more < 12; more += 1) turn.write(Buffer.alloc(10_000, 2));
  await endOfTurn();
  expect(waiting).toEqual([Buffer.alloc(10_000, 1)]);
});

test('a stream that has ended meanwhile gets nothing, and nobody an error', async () => {
  const { stream, writes } = captured();
  const turn = new TurnWrites(stream);
  turn.write(Buffer.of(1));
  stream.end();
  await endOfTurn();
  turn.write(Buffer.of(2));
  await endOfTurn();
  expect([writes, stream.errored]).toEqual([[], null]);
});

test('channels opened from then on write there', async () => {
  const { stream, writes } = captured();
  const channels: ({ buffer: { write(frames: Buffer): boolean; end(): void } } | null)[] = [];
  const connection = {
    stream,
    channels,
    freshChannel: (): number => channels.push({ buffer: { write: () => false, end: () => undefined } }) - 1,
  };
  writeTurnsTogether(connection);
  const numbers = [connection.freshChannel(), connection.freshChannel()];
  for (const number of numbers) channels[number]?.buffer.write(Buffer.of(number));
  channels[0]?.buffer.end();
  await endOfTurn();
  expect(writes).toEqual(['0001']);
});
