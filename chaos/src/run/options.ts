import { parseArgs } from 'node:util';
import { type BinderName, binderNames, faultKindsOf } from '../schedule/fault-kind';

function usage(program: string): string {
  return `npm run ${program} -- --binder ${binderNames.join('|')} [--minutes 1] [--seed 1] [--rate 100] [--json FILE]
  --seed        chooses the faults; the same seed, the same faults
  --faults      only these, with commas between, such as 'broker killed,consumer killed'
  --rate        messages a second, of all producers together; each is handled three times
  --max-rss     megabytes that no process may exceed (400)
  --keep        leaves ledgers and logs where they are, also when all is well`;
}

export interface ChaosOptions {
  readonly binder: BinderName;
  readonly minutes: number;
  readonly seed: number;
  readonly rate: number;
  /** Names of faults; `undefined`: all there are. */
  readonly faults: readonly string[] | undefined;
  readonly maxRssMb: number;
  readonly json: string | undefined;
  readonly keep: boolean;
}

/** @throws Error that says what is wrong, with the usage */
export function readOptions(args: readonly string[], program: string): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      binder: { type: 'string' },
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
      rate: { type: 'string', default: '100' },
      'max-rss': { type: 'string', default: '400' },
      faults: { type: 'string' },
      json: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  });
  const binder = binderNames.find((name) => name === values.binder);
  if (binder === undefined) throw new Error(`--binder: there is ${binderNames.join(', ')}\n${usage(program)}`);
  const positive = (name: string, text: string): number => {
    const value = Number(text);
    if (value > 0 && Number.isFinite(value)) return value;
    throw new Error(`--${name} ${text}: a number above 0 is wanted\n${usage(program)}`);
  };
  return {
    binder,
    minutes: positive('minutes', values.minutes),
    seed: positive('seed', values.seed),
    rate: positive('rate', values.rate),
    maxRssMb: positive('max-rss', values['max-rss']),
    faults: values.faults === undefined ? undefined : knownFaults(binder, values.faults),
    json: values.json,
    keep: values.keep,
  };
}

function knownFaults(binder: BinderName, list: string): readonly string[] {
  const wanted = list.split(',').map((name) => name.trim());
  const known = faultKindsOf(binder).map(({ name }) => name);
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`--faults ${unknown.join(', ')}: ${binder} has ${known.join(', ')}`);
  return wanted;
}
