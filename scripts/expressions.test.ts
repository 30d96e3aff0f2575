// Regular expressions of the packages meet text of strangers: none may take more than its share of time for a longer one.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

const packages = join(__dirname, '..', 'packages');
/** Not published, or for tests of binders. */
const ours = ['brokers', 'binder-test-suite'];

/** Linear text that is four times as long takes four times as long; what is quadratic takes sixteen times. */
const LENGTHS = [2_000, 8_000] as const;
const MOST_GROWTH = 9;
/** Below that there is nothing to compare: a quadratic expression makes two million steps, and takes longer anywhere. */
const MEASURABLE_MS = 0.3;
/** So short that only what is exponential takes that long. */
const SHORT = [16, 22, 28, 40, 80];
const EXPONENTIAL_MS = 5;
/** Of each kind, from the expression itself. */
const MOST_PIECES = 14;

/** Literals of all sources, each with the file that has it first. */
function expressions(): [literal: string, file: string][] {
  const found = new Map<string, string>();
  const folders = readdirSync(packages).filter((name) => !ours.includes(name));
  for (const folder of folders.map((name) => join(packages, name, 'src')))
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
      if (name.endsWith('.ts') && !/\.test(-d)?\.ts$/.test(name)) collect(join(folder, name), found);
  return [...found];
}

function collect(file: string, found: Map<string, string>): void {
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node) && !found.has(node.text)) found.set(node.text, relative(packages, file));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022));
}

/** Without `g`: one search is what is measured. */
function compiled(literal: string): RegExp {
  const end = literal.lastIndexOf('/');
  return new RegExp(literal.slice(1, end), literal.slice(end + 1).replace('g', ''));
}

/** What the expression might take a step for: its own words and characters, and one of each class. */
function pieces(literal: string): string[] {
  const words = [...new Set(literal.match(/[A-Za-z_.:-]{2,}/g) ?? [])].slice(0, MOST_PIECES);
  const characters = [...new Set(literal.replace(/\\[a-z]|[\\()|?*^$[\]]/g, ''))].slice(0, MOST_PIECES);
  return [...new Set([...words, ...characters, ' ', '0', 'a', '\n'])];
}

/** Beginning, what is repeated, and end. */
function* hostile(literal: string): Generator<readonly [string, string, string]> {
  const all = pieces(literal);
  for (const one of all) {
    for (const end of ['', '\u0001']) yield ['', one, end];
    for (const other of all) {
      if (one === other) continue;
      yield ['', one + other, '\u0001'];
      yield [one, other, '\u0001'];
    }
  }
}

/** The fastest of a few: others run on this machine too. */
function milliseconds(expression: RegExp, text: string, times: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let time = 0; time < times; time += 1) {
    const started = performance.now();
    text.search(expression);
    best = Math.min(best, performance.now() - started);
  }
  return best;
}

/** What is wrong with the expression, and the text that shows it. */
function complaint(literal: string): string | undefined {
  const expression = compiled(literal);
  for (const shape of hostile(literal)) {
    const [beginning, unit, end] = shape;
    const text = (length: number): string => beginning + unit.repeat(Math.ceil(length / unit.length)) + end;
    const slow = SHORT.find((length) => milliseconds(expression, text(length), 3) > EXPONENTIAL_MS);
    if (slow !== undefined) return `${JSON.stringify(shape)}: ${slow} characters take more than ${EXPONENTIAL_MS} ms`;
    const [short, long] = LENGTHS;
    if (milliseconds(expression, text(long), 2) < MEASURABLE_MS) continue;
    const longest = milliseconds(expression, text(long), 20);
    const growth = longest / milliseconds(expression, text(short), 20);
    if (longest >= MEASURABLE_MS && growth > MOST_GROWTH)
      return `${JSON.stringify(shape)}: ${growth.toFixed(1)} times as long for text of four times the length`;
  }
  return undefined;
}

test('the measure tells good from bad', () => {
  expect(complaint('/^(?:a+)+$/')).toMatch(/characters take more than/);
  expect(complaint('/a+$/')).toMatch(/times as long/);
  expect(complaint('/[a-z]+:\\/\\//')).toMatch(/times as long/);
  expect(complaint('/^a+$/')).toBeUndefined();
});

test.each(expressions())('%s of %s takes no more than its share', (literal) => {
  expect(complaint(literal)).toBeUndefined();
});
