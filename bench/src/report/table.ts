import { contenderNames, contenders, type Rival } from './contenders';
import { type Figure, type Goal, goalsOf } from './figure';

/** A table with the columns that its figures need. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const TEXT_COLUMNS = 2;
/** What the ratio's column shows: the first of these that a figure has. */
const references: readonly Rival[] = ['byHand', 'raw', 'rawCommon', 'millraceOne'];

/** The figures as text; `NO` in the last column is a goal that was missed. */
export function tableOf(figures: readonly Figure[]): Table {
  const rivals = contenderNames.filter(
    (each): each is Rival => each !== 'millrace' && figures.some((figure) => figure[each] !== undefined),
  );
  const reference = references.find((each) => rivals.includes(each));
  return {
    head: [
      ...['Figure', 'Unit', contenders.millrace, 'min to max'],
      ...rivals.map((each) => contenders[each]),
      ...(reference === undefined ? [] : [`÷ ${contenders[reference]}`]),
      'Goal',
    ],
    rows: figures.map((figure) => [
      ...[figure.title, figure.unit, amount(figure.millrace), ends(figure)],
      ...rivals.map((each) => amount(figure[each])),
      ...(reference === undefined ? [] : [ratioText(figure, reference)]),
      goalsOf(figure).map(goalText).join('; '),
    ]),
  };
}

/** For a terminal. */
export function plainTable({ head, rows }: Table): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const last = head.length - 1;
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column < TEXT_COLUMNS || column === last ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd();
  return all.map(line).join('\n');
}

/** For a page. */
export function markdownTable({ head, rows }: Table): string {
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  const rule = head.map((_, column) => (column < TEXT_COLUMNS || column === head.length - 1 ? '---' : '--:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/** Three digits that count. */
export function amount(value: number | undefined): string {
  if (value === undefined) return '';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

function ends({ spread }: Figure): string {
  const own = spread?.millrace;
  return own === undefined ? '' : `${amount(own.min)} to ${amount(own.max)}`;
}

function ratioText(figure: Figure, reference: Rival): string {
  const other = figure[reference];
  const ratio = figure[`ratioTo${reference.charAt(0).toUpperCase()}${reference.slice(1)}` as 'ratioToRaw'];
  return other === undefined || ratio === undefined ? '' : ratio.toFixed(2);
}

function goalText({ against, atLeast, atMost, value, met }: Goal): string {
  const limit = atLeast === undefined ? `≤ ${limitText(atMost)}` : `≥ ${limitText(atLeast)}`;
  const of = against === undefined ? '' : ` × ${contenders[against]}`;
  return `${met ? 'yes' : 'NO'}, ${limit}${of}${against === undefined || met ? '' : `: ${value.toFixed(2)}`}`;
}

function limitText(limit = Number.NaN): string {
  return String(Number(limit.toFixed(2)));
}
