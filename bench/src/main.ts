// npm run bench -- [--only core|kafka|rabbitmq] [--figure kafka.consume] [--quick] [--share 0.3] [--margin N] [--json FILE] [--docs]
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { coreSuite } from './core/core-suite';
import { kafkaSuite } from './kafka/kafka-suite';
import { rabbitmqSuite } from './rabbitmq/rabbitmq-suite';
import { writeBenchmarksPage } from './report/benchmarks-page';
import { goalsOf, isMetWithin } from './report/figure';
import { reportOf } from './report/report';
import { plainTable, tableOf } from './report/table';
import type { Suite, SuiteResult } from './suite';

const suites: Readonly<Record<string, Suite>> = { core: coreSuite, kafka: kafkaSuite, rabbitmq: rabbitmqSuite };

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      figure: { type: 'string', multiple: true },
      quick: { type: 'boolean', default: false },
      share: { type: 'string', default: '1' },
      margin: { type: 'string', default: '1' },
      json: { type: 'string' },
      docs: { type: 'boolean', default: false },
    },
  });
  const [share, margin] = [Number(values.share), Number(values.margin)];
  if (!(share > 0 && share <= 1)) throw new Error(`--share ${values.share}: more than 0, at most 1`);
  if (!(margin >= 1)) throw new Error(`--margin ${values.margin}: at least 1`);
  const { figure: prefixes } = values;
  const wants = (name: string): boolean => prefixes === undefined || prefixes.some((prefix) => name.startsWith(prefix));
  const results: SuiteResult[] = [];
  for (const name of values.only === undefined ? Object.keys(suites) : [values.only]) {
    const suite = suites[name];
    if (suite === undefined) throw new Error(`--only ${name}: there is ${Object.keys(suites).join(', ')}`);
    console.error(`… ${name}`);
    results.push(await suite({ effort: values.quick ? 'quick' : 'full', share, wants }));
  }
  const report = reportOf(commandOf(args, values.json), results);
  if (values.json !== undefined) writeFileSync(resolve(values.json), `${JSON.stringify(report, null, 2)}\n`);
  for (const { figures } of results) console.log(`${plainTable(tableOf(figures))}\n`);
  if (values.docs) writeBenchmarksPage(report);
  const missed = report.figures.filter((figure) => goalsOf(figure).some((goal) => !isMetWithin(goal, margin)));
  if (missed.length === 0) return;
  console.error(`goals missed: ${missed.map(({ name }) => name).join(', ')}`);
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
