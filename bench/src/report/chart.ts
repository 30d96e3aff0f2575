import { type Contender, contenderNames, contenders } from './contenders';
import type { Figure } from './figure';
import { amount } from './table';

const WIDTH = 860;
const LABEL_WIDTH = 190;
const VALUE_WIDTH = 80;
const BAR_HEIGHT = 14;
const ROW_HEIGHT = 18;
const TITLE_HEIGHT = 26;
const GAP = 12;
const MARGIN = 14;

const colours: Readonly<Record<Contender, string>> = {
  millrace: '#1f6feb',
  millraceUnchecked: '#79b8ff',
  millracePlatformatic: '#8250df',
  millraceOne: '#8c959f',
  raw: '#57606a',
  rawAlike: '#6e7781',
  rawCoalesced: '#8c959f',
  rawCommon: '#c4cad1',
  nest: '#bc4c00',
  moleculer: '#d4a72c',
  byHand: '#57606a',
  byHandCheckedTwice: '#8c959f',
};

/** Bars of the figures in messages a second, a block for each, scaled to its longest bar; `undefined` where there is none. */
export function chartOf(figures: readonly Figure[]): string | undefined {
  const blocks = figures.filter((figure) => figure.unit === 'messages/s' && barsOf(figure).length > 1);
  if (blocks.length === 0) return undefined;
  const drawn: string[] = [];
  let top = MARGIN;
  for (const figure of blocks) {
    drawn.push(block(figure, top));
    top += TITLE_HEIGHT + barsOf(figure).length * ROW_HEIGHT + GAP;
  }
  const size = `width="${WIDTH}" height="${top}" viewBox="0 0 ${WIDTH} ${top}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="system-ui, sans-serif" font-size="12" role="img">`,
    `<title>Messages per second, longer is better</title>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

interface Bar {
  readonly contender: Contender;
  readonly value: number;
}

function barsOf(figure: Figure): Bar[] {
  return contenderNames.flatMap((contender) => {
    const value = figure[contender];
    return value === undefined ? [] : [{ contender, value }];
  });
}

function block(figure: Figure, top: number): string {
  const bars = barsOf(figure);
  const longest = Math.max(...bars.map(({ value }) => value));
  const title = `<text x="${MARGIN}" y="${top + 15}" font-weight="600" fill="#1f2328">${escaped(figure.title)}</text>`;
  const rows = bars.map((each, index) => row(each, longest, top + TITLE_HEIGHT + index * ROW_HEIGHT));
  return [title, ...rows].join('\n');
}

function row({ contender, value }: Bar, longest: number, top: number): string {
  const left = MARGIN + LABEL_WIDTH;
  const width = Math.max(1, ((WIDTH - left - VALUE_WIDTH - MARGIN) * value) / longest);
  const baseline = top + BAR_HEIGHT - 3;
  return [
    `<text x="${left - 8}" y="${baseline}" text-anchor="end" fill="#1f2328">${escaped(contenders[contender])}</text>`,
    `<rect x="${left}" y="${top}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}" fill="${colours[contender]}"/>`,
    `<text x="${(left + width + 6).toFixed(1)}" y="${baseline}" fill="#1f2328">${amount(value)}</text>`,
  ].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
