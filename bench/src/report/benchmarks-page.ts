import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from './report';
import { markdownTable } from './table';

const page = join(__dirname, '..', '..', '..', 'docs', 'benchmarks.md');
const begin = '<!-- figures: written by `npm run bench -- --docs`, do not edit -->';
const end = '<!-- end of figures -->';

/** Puts the run's table into docs/benchmarks.md, in the place marked for it; the words around it are written by people. */
export function writeBenchmarksPage(report: Report): void {
  const text = readFileSync(page, 'utf8');
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from === -1 || to < from) throw new Error(`${page} has no place for the figures`);
  writeFileSync(page, `${text.slice(0, from + begin.length)}\n\n${sectionOf(report)}\n\n${text.slice(to)}`);
}

function sectionOf(report: Report): string {
  const { cpu, cores, memoryGib, platform } = report.machine;
  const versions = Object.entries(report.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `\`${report.command}\`, ${report.date}, commit ${report.commit}. ${cores} × ${cpu}, ${memoryGib} GiB, ${platform}. ${versions.join(', ')}.`,
    markdownTable(report),
  ].join('\n\n');
}
