import { readdirSync, readFileSync } from 'node:fs';
import { brokerOrSkip, type OwnDestinations, ownDestinations } from '@millrace/brokers';
import { testApplication } from '@millrace/testing';
import { parse } from 'yaml';
import { printReport } from '../src/print';
import { Reading } from '../src/reading';
import { readings } from '../src/stations';
import { Temperature } from '../src/temperature';
import { components, configuration, type Report, runWeather } from '../src/weather';

/** Why runs with a type of binder have to be skipped, if so. The broker in memory is always there. */
const skips: Readonly<Record<string, string | undefined>> = {
  memory: undefined,
  kafka: brokerOrSkip('kafka').skip,
  rabbitmq: brokerOrSkip('rabbitmq').skip,
};

interface File {
  readonly defaultBinder?: string;
  readonly binders: Readonly<Record<string, { readonly type: string }>>;
  readonly bindings: Readonly<Record<string, { readonly binder?: string }>>;
}

interface Run {
  readonly file: string;
  readonly binder: string | undefined;
  readonly types: readonly { readonly type: string }[];
  /** The binder of each channel. */
  readonly carriers: Readonly<Record<string, string>>;
}

const files = readdirSync(configuration('.')).filter((name) => name.endsWith('.yaml'));

/** A file with a default is run with each of its binders as the default, another one as it is. */
const runs = files.flatMap((file): Run[] => {
  const { defaultBinder, binders, bindings }: File = parse(readFileSync(configuration(file), 'utf8'));
  const carriers = (byDefault = ''): Run['carriers'] =>
    Object.fromEntries(Object.entries(bindings).map(([channel, { binder = byDefault }]) => [channel, binder]));
  if (defaultBinder === undefined)
    return [{ file, binder: undefined, types: Object.values(binders), carriers: carriers() }];
  return Object.entries(binders).map(([binder, options]) => ({
    file,
    binder,
    types: [options],
    carriers: carriers(binder),
  }));
});

afterEach(() => {
  delete process.env.MILLRACE__DEFAULTBINDER;
  delete process.env.MILLRACE_BINDER;
});

test('there is a configuration with a default, and one over two brokers', () => {
  expect(files).toEqual(expect.arrayContaining(['bridge.yaml', 'millrace.yaml']));
});

for (const { file, binder, types, carriers } of runs) {
  const skip = types.map(({ type }) => (type in skips ? skips[type] : `no broker for ${type}`)).find(Boolean);
  const describeIt = skip === undefined ? describe : describe.skip;
  const run = binder === undefined ? file : `${file} with ${binder}`;
  describeIt(skip === undefined ? run : `${run}: ${skip}`, () => {
    const lines: string[] = [];
    let own: OwnDestinations;
    let report: Report;

    beforeAll(async () => {
      own = ownDestinations(configuration(file), 'weather');
      if (binder !== undefined) process.env.MILLRACE__DEFAULTBINDER = binder;
      report = await runWeather(own.file);
      printReport(report, (line) => lines.push(line), false);
    });

    afterAll(() => own.remove());

    test('every possible reading is converted', () => {
      const celsius = [...report.office.temperatures].map(([name, temperature]) => [name, temperature.celsius]);
      expect(Object.fromEntries(celsius)).toEqual({
        'harbour 1': 15,
        'harbour 2': 16.5,
        'harbour 3': 18,
        'summit 1': -5,
        'summit 2': -4,
        'summit 3': -2,
        'pier 1': 16,
        'pier 3': 17,
      });
    });

    test('temperatures of a station come in the order of its readings', () => {
      const all = [...report.office.temperatures.values()];
      const numbers = (station: string): number[] =>
        all.filter((temperature) => temperature.station === station).map(({ number }) => number);
      expect([numbers('harbour'), numbers('summit'), numbers('pier')]).toEqual([
        [1, 2, 3],
        [1, 2, 3],
        [1, 3],
      ]);
    });

    test('the impossible one is in the dead letter, with the reason', () => {
      const refusals = [...report.office.refusals.values()];
      expect(refusals.map(({ reason }) => reason)).toEqual(['nothing is as cold as -500 °F']);
      expect(refusals[0]?.reading).toEqual(Reading.of('pier', 2, -500));
    });

    test('every binding is on the binder that the configuration says', () => {
      const binderOf = Object.fromEntries(report.routes.map((route) => [route.binding, route.binder]));
      expect(binderOf).toEqual({
        readings: carriers.readings,
        'readings/converters': carriers.readings,
        temperatures: carriers.temperatures,
        'temperatures/office': carriers.temperatures,
        'refused/office': carriers.refused,
      });
    });

    test('the output says it all', () => {
      expect(lines.filter((line) => / [→←] /.test(line))).toHaveLength(5);
      expect(lines.filter((line) => /^ {2}(harbour|summit|pier)/.test(line))).toHaveLength(readings.length);
      expect(lines.at(-1)).toBe('  9 readings: 8 converted, 1 in the dead letter');
    });
  });
}

test('a binder that is not configured stops the start with a sentence', async () => {
  process.env.MILLRACE_BINDER = 'memmory';
  await expect(runWeather(configuration('millrace.yaml'))).rejects.toThrow(
    /defaultBinder.*there is no binder 'memmory'. Did you mean 'memory'\?/,
  );
});

test.each(files)('the test harness takes %s as it is, whatever brokers it names', async (file) => {
  const weather = await testApplication({ components, config: configuration(file) });
  await weather.emit(Reading, Reading.of('garden', 1, 50));
  await weather.settled({ failures: 'throw' });
  const sent = await weather.sent(Temperature);
  await weather.stop();
  expect(sent.map(({ payload }) => payload)).toEqual([Temperature.of(Reading.of('garden', 1, 50))]);
});
