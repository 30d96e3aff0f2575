// Regular expressions of the packages meet text of strangers: none may take more steps than in proportion to its length.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { check } from 'recheck';
import ts from 'typescript';

jest.setTimeout(60_000);

const packages = join(__dirname, '..', 'packages');
/** Not published, or for tests of binders. */
const ours = ['brokers', 'binder-test-suite'];

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

/** What is wrong with the expression, and a text that shows it. Steps are counted, not time, and always the same texts are tried. */
async function complaint(literal: string): Promise<string | undefined> {
  const end = literal.lastIndexOf('/');
  const source = literal.slice(1, end);
  const flags = literal.slice(end + 1);
  const diagnosis = await check(source, flags, { randomSeed: 1, timeout: null });
  if (diagnosis.status === 'safe') return undefined;
  if (diagnosis.status === 'unknown') return `nothing could be said: ${JSON.stringify(diagnosis.error)}`;
  return `${diagnosis.complexity.summary}: ${diagnosis.attack.pattern}`;
}

test('the measure tells good from bad', async () => {
  expect(await complaint('/^(?:a+)+$/')).toMatch(/exponential/);
  expect(await complaint('/a+$/')).toMatch(/2nd degree/);
  expect(await complaint('/[a-z]+:\\/\\//')).toMatch(/2nd degree/);
  expect(await complaint('/^a+$/')).toBeUndefined();
});

test.each(expressions())('%s of %s takes steps in proportion to the text', async (literal) => {
  expect(await complaint(literal)).toBeUndefined();
});
