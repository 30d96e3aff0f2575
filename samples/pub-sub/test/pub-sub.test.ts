import { brokerKinds, brokerOrSkip, type OwnDestinations, ownDestinations } from '@millrace/brokers';
import { type Company, configuration } from '../src/company';
import { runDay } from '../src/day';
import type { Delivery, Receiver } from '../src/deliveries';

const MORNING = [1, 2, 3];
const AFTERNOON = [4, 5, 6];

const kafka = brokerOrSkip('kafka');
const rabbitmq = brokerOrSkip('rabbitmq');

/** The same company, and only the environment differs. */
const runs = [
  { binder: 'memory', settings: {}, skip: undefined },
  { binder: 'kafka', settings: brokerKinds.kafka.settings(kafka.address), skip: kafka.skip },
  { binder: 'rabbit', settings: brokerKinds.rabbitmq.settings(rabbitmq.address), skip: rabbitmq.skip },
];

for (const { binder, settings, skip } of runs) {
  const describeIt = skip === undefined ? describe : describe.skip;
  describeIt(skip === undefined ? `on ${binder}` : `on ${binder}: ${skip}`, () => {
    const lines: string[] = [];
    let own: OwnDestinations;
    let company: Company;

    beforeAll(async () => {
      own = ownDestinations(configuration('millrace.yaml'), 'catalogue');
      jest.replaceProperty(process, 'env', { ...process.env, ...settings });
      company = await runDay(own.file, (line) => lines.push(line));
    });

    afterAll(() => {
      jest.restoreAllMocks();
      own.remove();
    });

    const got = (receiver: Receiver): Delivery[] =>
      company.deliveries.all.filter((delivery) => delivery.receiver === receiver);

    test.each(['shop window', 'accounting'] as const)('the group %s gets one copy of each change', (group) => {
      expect(numbers(got(group))).toEqual([...MORNING, ...AFTERNOON]);
    });

    test('every open instance gets each change for its cache', () => {
      const of = (instance: string): number[] =>
        numbers(got('cache').filter((delivery) => delivery.instance === instance));
      expect(of('north')).toEqual([...MORNING, ...AFTERNOON]);
      expect(of('south')).toEqual([...MORNING, ...AFTERNOON]);
    });

    test('nothing is kept for an instance that opens later', () => {
      const east = got('cache').filter(({ instance }) => instance === 'east');
      expect(numbers(east)).toEqual(AFTERNOON);
      expect([...company.instance('east').cache.prices.keys()].sort()).toEqual(['milk', 'soup', 'tea']);
    });

    test('the caches end with the newest price', () => {
      for (const name of company.names) expect(company.instance(name).cache.prices.get('tea')).toBe(280);
      expect(company.instance('north').cache.prices).toEqual(company.instance('south').cache.prices);
      expect(company.instance('north').cache.prices.size).toBe(5);
    });

    test('all it prints comes from what happened', () => {
      expect(lines[0]).toBe(`price changes on ${binder}`);
      const rows = lines.filter((line) => /^ {2}\d/.test(line));
      expect(rows).toHaveLength(6);
      const [one, , , four] = rows.map((row) => row.trim().split(/ {2,}/));
      expect(one?.slice(0, 3)).toEqual(['1', 'tea', '2.60']);
      expect(four?.slice(0, 3)).toEqual(['4', 'tea', '2.80']);
      expect(one?.at(-1)?.split(', ').sort()).toEqual(['north', 'south']);
      expect(four?.at(-1)?.split(', ').sort()).toEqual(['east', 'north', 'south']);
      expect(lines.slice(-4).map((line) => line.trim())).toEqual([
        '6 price changes',
        'one copy for each group: shop window 6, accounting 6',
        'one copy for each open instance: 15 to the caches',
        'articles in the caches: north 5, south 5, east 3, which was not there in the morning',
      ]);
    });
  });
}

function numbers(deliveries: readonly Delivery[]): number[] {
  return deliveries.map(({ change }) => change.number).sort((one, other) => one - other);
}
