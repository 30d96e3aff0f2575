// npm run bench -- [--only core] [--quick] [--json FILE] [--docs]
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { memoryFigures } from './core/memory';
import { speedFigures } from './core/speed';
import type { Effort } from './measure/interleave';
import { writeBenchmarksPage } from './report/benchmarks-page';
import type { Figure } from './report/figure';
import { reportOf } from './report/report';
import { plainTable } from './report/table';

const full: Effort = { rounds: 7, messages: 20_000 };
const quick: Effort = { rounds: 3, messages: 5_000 };

const suites: Readonly<Record<string, (effort: Effort) => Promise<readonly Figure[]>>> = {
  core: async (effort) => [...(await speedFigures(effort)), ...(await memoryFigures())],
};

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      docs: { type: 'boolean', default: false },
    },
  });
  const names = values.only === undefined ? Object.keys(suites) : [values.only];
  const figures: Figure[] = [];
  for (const name of names) {
    const suite = suites[name];
    if (suite === undefined) throw new Error(`--only ${name}: there is ${Object.keys(suites).join(', ')}`);
    console.error(`… ${name}`);
    figures.push(...(await suite(values.quick ? quick : full)));
  }
  const report = reportOf(commandOf(args, values.json), figures);
  console.log(plainTable(report));
  if (values.json !== undefined) writeFileSync(resolve(values.json), `${JSON.stringify(report, null, 2)}\n`);
  if (values.docs) writeBenchmarksPage(report);
  const missed = figures.filter(({ goal }) => goal?.met === false).map(({ name }) => name);
  if (missed.length === 0) return;
  console.error(`goals missed: ${missed.join(', ')}`);
  process.exitCode = 1;
}

/** Where the file went is nobody's business. */
function commandOf(args: readonly string[], file: string | undefined): string {
  return ['npm run bench --', ...args].join(' ').replace(file ?? '', file === undefined ? '' : 'FILE');
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
