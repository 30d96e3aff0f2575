import type { Figure } from './figure';
import type { Report } from './report';

const columns = [
  'Figure',
  'Unit',
  'Millrace',
  'min to max',
  'By hand',
  'By hand, checked twice',
  'Raw',
  '× by hand',
  'Goal',
];

/** The figures as cells of text, heads first; `NO` in the last column is a goal that was missed. */
export function cellsOf({ figures }: Report): readonly (readonly string[])[] {
  return [columns, ...figures.map(rowOf)];
}

/** For a terminal. */
export function plainTable(report: Report): string {
  const rows = cellsOf(report);
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  return rows.map(line).join('\n');
}

/** For a page. */
export function markdownTable(report: Report): string {
  const [head = [], ...rows] = cellsOf(report);
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column < 2 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}

function rowOf(figure: Figure): string[] {
  const own = figure.spread?.millrace;
  return [
    figure.title,
    figure.unit,
    amount(figure.millrace),
    own === undefined ? '' : `${amount(own.min)} to ${amount(own.max)}`,
    amount(figure.byHand),
    amount(figure.byHandCheckedTwice),
    amount(figure.raw),
    figure.ratioToByHand?.toFixed(2) ?? '',
    goalText(figure),
  ];
}

function goalText({ goal }: Figure): string {
  if (goal === undefined) return '';
  return `${goal.met ? 'yes' : 'NO'}, ≤ ${goal.atMost}`;
}

/** Three digits that count. */
function amount(value: number | undefined): string {
  if (value === undefined) return '';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
