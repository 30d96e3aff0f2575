import { readdirSync, readFileSync } from 'node:fs';
import { testApplication } from '@millrace/testing';
import { parse } from 'yaml';
import { printReport } from '../src/print';
import { Reading } from '../src/reading';
import { readings } from '../src/stations';
import { Temperature } from '../src/temperature';
import { components, configuration, type Report, runWeather } from '../src/weather';

/** Types of binder that need nobody to start a broker. */
const embedded = ['memory'];

interface File {
  readonly defaultBinder?: string;
  readonly binders: Readonly<Record<string, { readonly type: string }>>;
}

interface Run {
  readonly file: string;
  readonly binder: string | undefined;
  readonly types: readonly { readonly type: string }[];
}

const files = readdirSync(configuration('.')).filter((name) => name.endsWith('.yaml'));

/** A file with a default is run with each of its binders as the default, another one as it is. */
const runs = files.flatMap((file): Run[] => {
  const { defaultBinder, binders }: File = parse(readFileSync(configuration(file), 'utf8'));
  if (defaultBinder === undefined) return [{ file, binder: undefined, types: Object.values(binders) }];
  return Object.entries(binders).map(([binder, options]) => ({ file, binder, types: [options] }));
});

afterEach(() => {
  delete process.env.MILLRACE__DEFAULTBINDER;
  delete process.env.MILLRACE_BINDER;
});

test('there is a configuration with a default, and one over two brokers', () => {
  expect(files).toEqual(expect.arrayContaining(['bridge.yaml', 'millrace.yaml']));
});

for (const { file, binder, types } of runs) {
  const isAvailable = types.every(({ type }) => embedded.includes(type));
  const describeIt = isAvailable ? describe : describe.skip;
  describeIt(binder === undefined ? file : `${file} with ${binder}`, () => {
    let report: Report;
    const lines: string[] = [];

    beforeAll(async () => {
      if (binder !== undefined) process.env.MILLRACE__DEFAULTBINDER = binder;
      report = await runWeather(file);
      printReport(report, (line) => lines.push(line), false);
    });

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
        readings: binder ?? 'field',
        'readings/converters': binder ?? 'field',
        temperatures: binder ?? 'office',
        'temperatures/office': binder ?? 'office',
        'refused/office': binder ?? 'field',
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
  await expect(runWeather('millrace.yaml')).rejects.toThrow(
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
