import { parseArgs } from 'node:util';
import { type BinderName, binderNames } from '../schedule/fault-kind';

function usage(program: string): string {
  return `npm run ${program} -- --binder ${binderNames.join('|')} [--minutes 1] [--seed 1] [--rate 100] [--json FILE]
  --seed        chooses the faults; the same seed, the same faults
  --rate        messages a second, of all producers together; each is handled three times
  --max-rss     megabytes that no process may exceed (400)
  --keep        leaves ledgers and logs where they are, also when all is well`;
}

export interface ChaosOptions {
  readonly binder: BinderName;
  readonly minutes: number;
  readonly seed: number;
  readonly rate: number;
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
    json: values.json,
    keep: values.keep,
  };
}
