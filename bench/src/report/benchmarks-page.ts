import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chartOf } from './chart';
import type { Figure } from './figure';
import type { Report } from './report';
import { markdownTable, tableOf } from './table';

const docs = join(__dirname, '..', '..', '..', 'docs');
const page = join(docs, 'benchmarks.md');

/**
 * Puts the run's tables into docs/benchmarks.md, each suite's in the place marked for it, and its chart beside the page. The
 * words around them are written by people; suites that were not run keep what they have.
 */
export function writeBenchmarksPage(report: Report): void {
  const suiteOf = ({ name }: Figure): string => name.slice(0, name.indexOf('.'));
  let text = readFileSync(page, 'utf8');
  for (const suite of new Set(report.figures.map(suiteOf))) {
    const figures = report.figures.filter((figure) => suiteOf(figure) === suite);
    text = withSection(text, suite, sectionOf(report, suite, figures));
  }
  writeFileSync(page, text);
}

function withSection(text: string, suite: string, section: string): string {
  const begin = `<!-- figures of ${suite}: written by \`npm run bench -- --docs\`, do not edit -->`;
  const end = `<!-- end of figures of ${suite} -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from === -1 || to < from) throw new Error(`${page} has no place for the figures of ${suite}`);
  return `${text.slice(0, from + begin.length)}\n\n${section}\n\n${text.slice(to)}`;
}

function sectionOf(report: Report, suite: string, figures: readonly Figure[]): string {
  const { cpu, cores, memoryGib, platform } = report.machine;
  const versions = Object.entries(report.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `\`${report.command}\`, ${report.date}, commit ${report.commit}. ${cores} × ${cpu}, ${memoryGib} GiB, ${platform}. ${versions.join(', ')}.`,
    ...chartLink(suite, figures),
    markdownTable(tableOf(figures)),
  ].join('\n\n');
}

function chartLink(suite: string, figures: readonly Figure[]): string[] {
  const chart = chartOf(figures);
  if (chart === undefined) return [];
  const file = `benchmarks-${suite}.svg`;
  writeFileSync(join(docs, file), chart);
  return [`![Messages per second of each contender](${file})`];
}
