import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const { checkedElsewhere, faultsOf, pages, root, updated } = require('./snippets.cjs') as {
  checkedElsewhere: Readonly<Record<string, string>>;
  faultsOf(page: string, base?: string): string[];
  pages(base?: string): string[];
  root: string;
  updated(text: string, base?: string): string;
};

test.each(pages())('%s: snippets are cut from code that runs, links lead somewhere', (page) => {
  expect(faultsOf(page)).toEqual([]);
});

test.each(Object.entries(checkedElsewhere))('%s is held against the code by %s', (page, file) => {
  expect(existsSync(join(root, page))).toBe(true);
  expect(readFileSync(join(root, file), 'utf8')).toContain(page.split('/').pop());
});

describe('in a tree of its own', () => {
  let base: string;
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), text);
  };
  const page = (...lines: string[]): string[] => {
    write('docs/page.md', lines.join('\n'));
    return faultsOf('docs/page.md', base);
  };

  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'millrace-snippets-'));
    write(
      'code.ts',
      'a;\n// #region outer\n  b {\n\n    // #region inner\n    // biome-ignore lint: it is shown\n    c;\n    // #endregion\n  }\n// #endregion outer\nd;\n',
    );
    write('code.yaml', '# #region keys\nx: 1\n# #endregion keys\n');
  });
  afterEach(() => rmSync(base, { recursive: true }));

  test('a snippet equals its region without indentation, markers and notes to linters', () => {
    expect(page('<!-- snippet: code.ts#outer -->', '```ts', 'b {', '', '  c;', '}', '```')).toEqual([]);
    expect(page('<!-- snippet: code.ts#inner -->', '```ts', 'c;', '```')).toEqual([]);
    expect(page('<!-- snippet: code.ts#inner,inner -->', '```ts', 'c;', '', 'c;', '```')).toEqual([]);
    expect(page('<!-- snippet: code.yaml#keys -->', '```yaml', 'x: 1', '```')).toEqual([]);
    expect(page('1. step', '   <!-- snippet: code.yaml -->', '   ```yaml', '   x: 1', '   ```')).toEqual([]);
  });

  test('a stale snippet is a fault, and is brought up to date', () => {
    const stale = ['text', '<!-- snippet: code.ts#inner -->', '```ts', 'was;', '```', 'text', ''];
    expect(page(...stale)).toEqual([
      'docs/page.md:3: is not what stands in code.ts#inner; node scripts/check-snippets.mjs --write',
    ]);
    expect(page(updated(stale.join('\n'), base))).toEqual([]);
    expect(updated(stale.join('\n'), base)).toBe(stale.join('\n').replace('was;', 'c;'));
  });

  test('code without a marker is a fault, other blocks and blocks that are not run are none', () => {
    expect(page('```ts', 'x', '```', '```sh', 'npm start', '```')).toEqual([
      'docs/page.md:1: a block of ts with neither <!-- snippet: path#region --> nor <!-- not run: reason -->',
    ]);
    expect(page('<!-- not run: somebody else’s -->', '```ts', 'x', '```')).toEqual([]);
  });

  test('files and regions that are not there are faults', () => {
    expect(page('<!-- snippet: none.ts#x -->', '```ts', '```', '<!-- snippet: code.ts#x -->', '```ts', '```')).toEqual([
      'docs/page.md:2: there is no file none.ts',
      "docs/page.md:5: code.ts has no region 'x'",
    ]);
  });

  test('links to files and headings have to be right; code and addresses are left alone', () => {
    write('docs/other.md', '# A title, with `code`\n');
    expect(
      page(
        '[one](other.md) [two](../code.ts) [three](other.md#a-title-with-code) [four](https://example.org/x)',
        '`[five](none.md)`',
        '[six](none.md) [seven](other.md#none)',
        '[eight](../../outside.md)',
      ),
    ).toEqual([
      'docs/page.md:3: the link none.md leads nowhere',
      'docs/page.md:3: the link other.md#none names no heading of docs/other.md',
      'docs/page.md:4: the link ../../outside.md leads nowhere',
    ]);
  });

  test('pages are those of docs and the README of each folder', () => {
    for (const path of [
      'docs/a/b.md',
      'packages/x/README.md',
      'packages/x/notes.md',
      'samples/y/README.md',
      'README.md',
    ])
      write(path, '');
    expect(pages(base)).toEqual(['README.md', 'docs/a/b.md', 'packages/x/README.md', 'samples/y/README.md']);
  });
});
