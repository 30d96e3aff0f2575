import { brokerKinds, brokerOrSkip, type OwnDestinations, ownDestinations } from '@millrace/brokers';
import type { Journal } from '../src/journal';
import { configuration, runShop } from '../src/shop';
import { recordCounts } from './record-counts';

const IMPOSSIBLE = 4;
const MAKEABLE = [1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12];

const kafka = brokerOrSkip('kafka');

/** The same shop, and only the environment differs. */
const runs = [
  { binder: 'memory', settings: {}, skip: undefined },
  { binder: 'kafka', settings: brokerKinds.kafka.settings(kafka.address), skip: kafka.skip },
];

for (const { binder, settings, skip } of runs) {
  const describeIt = skip === undefined ? describe : describe.skip;
  describeIt(skip === undefined ? `on ${binder}` : `on ${binder}: ${skip}`, () => {
    const lines: string[] = [];
    let own: OwnDestinations;
    let journal: Journal;

    beforeAll(async () => {
      own = ownDestinations(configuration('millrace.yaml'), 'coffee');
      jest.replaceProperty(process, 'env', { ...process.env, ...settings });
      journal = await runShop(own.file, (line) => lines.push(line));
    });

    afterAll(() => {
      jest.restoreAllMocks();
      own.remove();
    });

    test('it says which binder carries each channel', () => {
      expect(lines[0]?.trim()).toBe(`orders on ${binder}, coffee-ready on ${binder}, refused on ${binder}`);
    });

    test('customers do not wait in line: they have ordered and sit while coffee is still being made', () => {
      const kinds = lines.flatMap(
        (line) => line.match(/ (orders|sits down|brews|collects|retries|is refused) {1,6}[#\d]/)?.[1] ?? [],
      );
      expect(journal.all('ordered')).toHaveLength(12);
      expect(kinds.slice(0, 12)).toEqual(Array(12).fill('orders'));
      expect(kinds.indexOf('sits down')).toBeGreaterThan(0);
      expect(kinds.indexOf('sits down')).toBeLessThan(kinds.lastIndexOf('brews'));
    });

    test('two baristas share the orders, and each order is brewed once by one of them', () => {
      const brewed = journal.all('brewed');
      expect(ascending(brewed.map(({ order }) => order.ticket))).toEqual(MAKEABLE);
      for (const name of ['Ada', 'Ben']) {
        expect(brewed.filter(({ barista }) => barista === name).length).toBeGreaterThanOrEqual(3);
      }
    });

    test('a customer is served by one barista, in the order of the orders', () => {
      const brewed = journal.all('brewed');
      for (const customer of new Set(brewed.map(({ order }) => order.customer))) {
        const served = brewed.filter(({ order }) => order.customer === customer);
        expect(new Set(served.map(({ barista }) => barista)).size).toBe(1);
        const tickets = served.map(({ order }) => order.ticket);
        expect(tickets).toEqual(ascending(tickets));
      }
    });

    test('what the grinder spoils is tried again, and then succeeds at the attempt after', () => {
      const jams = journal.all('jammed').map(({ reason, attempt }) => ({ ticket: ticketIn(reason), attempt }));
      // Eleven coffees with every fourth grinding lost take fourteen.
      expect(jams).toHaveLength(3);
      for (const { order, attempt } of journal.all('brewed')) {
        const failed = jams.filter(({ ticket }) => ticket === order.ticket).map((jam) => jam.attempt);
        expect(failed).toEqual(failed.map((_, index) => index + 1));
        expect(attempt).toBe(failed.length + 1);
      }
    });

    test('what nobody can make is in the dead letter, with the reason, and was not retried', () => {
      const [refused, ...others] = journal.all('refused');
      expect(others).toEqual([]);
      expect(refused?.order).toMatchObject({ ticket: IMPOSSIBLE, customer: 'Zoe', drink: 'unicorn latte' });
      expect(refused?.reason).toBe('nobody here can make a unicorn latte');
      expect(journal.all('jammed').map(({ reason }) => ticketIn(reason))).not.toContain(IMPOSSIBLE);
    });

    test('the buzzer calls for every coffee once', () => {
      const called = journal.all('buzzed');
      expect(ascending(called.map(({ ready }) => ready.ticket))).toEqual(MAKEABLE);
      for (const { ready, waitedMs } of called) {
        expect(ready.placedAt).toBeInstanceOf(Date);
        expect(waitedMs).toBeGreaterThan(0);
      }
    });

    test('the summary says what the journal says', () => {
      const share = (name: string): number => journal.all('brewed').filter(({ barista }) => barista === name).length;
      expect(lines.slice(-3).map((line) => line.trim())).toEqual([
        '12 orders: 11 coffees, 1 in the dead letter',
        `brewed by Ada ${share('Ada')}, Ben ${share('Ben')}`,
        '3 grinder jams, retried',
      ]);
      expect(share('Ada') + share('Ben')).toBe(11);
    });

    if (binder === 'kafka') {
      test('it all went through Kafka: the topics hold what the journal tells', async () => {
        const topics = ['orders', 'ready', 'refused'].map((name) => `${own.prefix}.${name}`);
        expect(await recordCounts(kafka.address, topics)).toEqual([12, 11, 1]);
      });
    }
  });
}

function ascending(numbers: readonly number[]): number[] {
  return [...numbers].sort((one, other) => one - other);
}

function ticketIn(reason: string): number {
  return Number(reason.match(/#(\d+)$/)?.[1]);
}
