import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { now, type Told } from '../src/ledger/entry';
import { Ledger } from '../src/ledger/ledger';
import { LedgerReader, ledgerFile } from '../src/ledger/ledger-reader';

let folder: string;
let reader: LedgerReader;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-ledger-'));
  reader = new LedgerReader(folder);
});
afterEach(() => {
  reader.close();
  rmSync(folder, { recursive: true });
});

function read(): Told[] {
  const entries: Told[] = [];
  reader.read((entry) => entries.push(entry));
  return entries;
}

test('an entry is there when write returns, before anything is synced, with its author', async () => {
  const ledger = new Ledger(ledgerFile(folder, 'worker-2', 3));
  ledger.write({ at: 1, what: 'sending', key: 'a', number: 1 });
  expect(read()).toEqual([{ at: 1, what: 'sending', key: 'a', number: 1, member: 'worker-2', life: 3 }]);
  await ledger.close();
});

test('each is read once, in its order, from ledgers that begin later, too', async () => {
  const first = new Ledger(ledgerFile(folder, 'worker-1', 1));
  first.write({ at: 1, what: 'running' });
  expect(read()).toHaveLength(1);
  const second = new Ledger(ledgerFile(folder, 'worker-1', 2));
  first.write({ at: 2, what: 'ending' });
  second.write({ at: 3, what: 'running' });
  first.write({ at: 4, what: 'ended' });
  expect(
    read()
      .map(({ at, life }) => `${life}: ${at}`)
      .sort(),
  ).toEqual(['1: 2', '1: 4', '2: 3']);
  expect(read()).toEqual([]);
  await Promise.all([first.close(), second.close()]);
});

test('a line that its process did not finish waits for its end, and one that never comes is no entry', () => {
  const file = ledgerFile(folder, 'worker-1', 1);
  appendFileSync(file, '{"at":1,"what":"runn');
  expect(read()).toEqual([]);
  appendFileSync(file, 'ing"}\n{"at":2,"wha');
  expect(read().map(({ at }) => at)).toEqual([1]);
});

test('it is closed when nobody waits for the disk any more, and takes nothing after that', async () => {
  const ledger = new Ledger(ledgerFile(folder, 'worker-1', 1));
  const first = ledger.synced();
  const [second, third] = [first.then(() => ledger.synced()), ledger.synced()];
  await Promise.all([ledger.close(), third, second]);
  expect(() => ledger.write({ at: 1, what: 'running' })).toThrow('the ledger is closed');
  await expect(ledger.synced()).rejects.toThrow('the ledger is closed');
});

test('errors in any language survive, also when a character is split between two pieces', async () => {
  const ledger = new Ledger(ledgerFile(folder, 'producer-1', 1));
  const why = '…→é漢🙂'.repeat(1_000);
  const count = 100;
  for (let number = 1; number <= count; number += 1) ledger.write({ at: 1, what: 'rejected', key: 'a', number, why });
  const entries = read();
  expect(entries).toHaveLength(count);
  expect(entries.every((entry) => entry.what === 'rejected' && entry.why === why)).toBe(true);
  await ledger.close();
});

test('one sync serves all that waited for it', async () => {
  const ledger = new Ledger(ledgerFile(folder, 'worker-1', 1));
  await Promise.all(
    Array.from({ length: 200 }, (_, index) => {
      ledger.write({ at: index, what: 'running' });
      return ledger.synced();
    }),
  );
  expect(read()).toHaveLength(200);
  await ledger.close();
});

test('the clock of the ledgers goes forwards, in milliseconds', async () => {
  const before = now();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(now() - before).toBeGreaterThan(15);
});
