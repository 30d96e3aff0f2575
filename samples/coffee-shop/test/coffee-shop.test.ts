import { brokerKinds, brokerOrSkip, type OwnDestinations, ownDestinations } from '@millrace/brokers';
import type { Journal } from '../src/journal';
import { configuration, runShop } from '../src/shop';
import { recordCounts } from './record-counts';

const IMPOSSIBLE = 4;
const MAKEABLE = [1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12];

const kafka = brokerOrSkip('kafka');
const rabbitmq = brokerOrSkip('rabbitmq');

interface Run {
  readonly name: string;
  readonly file?: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly skip: string | undefined;
  /** Which binder carries orders, the call that a coffee is ready, and what was refused. */
  readonly carriers: readonly [orders: string, ready: string, refused: string];
  /** Members of a group share by key. The queue of a group gives the next order to whoever is free. */
  readonly sharesByKey: boolean;
}

/** The same shop: only the environment differs, or the file. */
const runs: readonly Run[] = [
  { name: 'memory', settings: {}, skip: undefined, carriers: ['memory', 'memory', 'memory'], sharesByKey: true },
  {
    name: 'kafka',
    settings: brokerKinds.kafka.settings(kafka.address),
    skip: kafka.skip,
    carriers: ['kafka', 'kafka', 'kafka'],
    sharesByKey: true,
  },
  {
    name: 'rabbit',
    settings: brokerKinds.rabbitmq.settings(rabbitmq.address),
    skip: rabbitmq.skip,
    carriers: ['rabbit', 'rabbit', 'rabbit'],
    sharesByKey: false,
  },
  {
    name: 'kafka and rabbit',
    file: 'kafka-and-rabbitmq.yaml',
    settings: {},
    skip: kafka.skip ?? rabbitmq.skip,
    carriers: ['kafka', 'rabbit', 'kafka'],
    sharesByKey: true,
  },
];

for (const { name, file = 'millrace.yaml', settings, skip, carriers, sharesByKey } of runs) {
  const describeIt = skip === undefined ? describe : describe.skip;
  describeIt(skip === undefined ? `on ${name}` : `on ${name}: ${skip}`, () => {
    const lines: string[] = [];
    let own: OwnDestinations;
    let journal: Journal;

    beforeAll(async () => {
      own = ownDestinations(configuration(file), 'coffee');
      jest.replaceProperty(process, 'env', { ...process.env, ...settings });
      journal = await runShop(own.file, (line) => lines.push(line));
    });

    afterAll(() => {
      jest.restoreAllMocks();
      own.remove();
    });

    test('it says which binder carries each channel', () => {
      const [orders, ready, refused] = carriers;
      expect(lines[0]?.trim()).toBe(`orders on ${orders}, coffee-ready on ${ready}, refused on ${refused}`);
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

    const ofCustomers = sharesByKey ? 'served by one barista, in the order of the orders' : 'served in any order';
    test(`a customer is ${ofCustomers}`, () => {
      const brewed = journal.all('brewed');
      for (const customer of new Set(brewed.map(({ order }) => order.customer))) {
        const served = brewed.filter(({ order }) => order.customer === customer);
        const tickets = served.map(({ order }) => order.ticket);
        if (sharesByKey) {
          expect(new Set(served.map(({ barista }) => barista)).size).toBe(1);
          expect(tickets).toEqual(ascending(tickets));
        } else expect(new Set(tickets).size).toBe(tickets.length);
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

    const counts = { orders: 12, ready: 11, refused: 1 };
    const onKafka = Object.entries(counts).filter((_, index) => carriers[index] === 'kafka');
    if (onKafka.length > 0) {
      test(`${onKafka.map(([topic]) => topic)} went through Kafka: the topics hold what the journal tells`, async () => {
        const topics = onKafka.map(([topic]) => `${own.prefix}.${topic}`);
        expect(await recordCounts(kafka.address, topics)).toEqual(onKafka.map(([, count]) => count));
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
