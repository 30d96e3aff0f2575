// Pages of documentation: their snippets are cut from code that runs, and their links lead somewhere.
const { existsSync, readdirSync, readFileSync } = require('node:fs');
const { dirname, join, posix } = require('node:path');

const root = join(__dirname, '..');

/** Languages whose blocks have to say where they come from. */
const CODE = new Set(['ts', 'js', 'yaml']);

/** Pages with tests of their own, which hold every block against the code. */
const checkedElsewhere = {
  'README.md': 'samples/coffee-shop/test/readme.test.ts',
  'docs/configuration.md': 'scripts/configuration-docs.test.ts',
};

/** Paths from the root of every page: docs, and the README of each folder. */
function pages(base = root) {
  const docs = filesBelow(base, 'docs').filter((path) => path.endsWith('.md'));
  const folders = ['packages', 'samples'].flatMap((parent) =>
    existsSync(join(base, parent)) ? readdirSync(join(base, parent)).map((name) => `${parent}/${name}`) : [],
  );
  const single = ['README.md', 'CONTRIBUTING.md', ...folders.map((folder) => `${folder}/README.md`)];
  return [...docs, ...single.filter((path) => existsSync(join(base, path)))].sort();
}

function filesBelow(base, folder) {
  if (!existsSync(join(base, folder))) return [];
  return readdirSync(join(base, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(base, path) : [path];
  });
}

/** What is wrong with a page: `12: …`, by line. */
function faultsOf(page, base = root) {
  const text = readFileSync(join(base, page), 'utf8');
  return [...snippetFaults(page, text, base), ...linkFaults(page, text, base)]
    .sort((one, other) => one.line - other.line)
    .map(({ line, problem }) => `${page}:${line}: ${problem}`);
}

function snippetFaults(page, text, base) {
  return blocksOf(text).flatMap(({ line, language, marker, code }) => {
    if (marker === undefined) {
      if (!CODE.has(language) || checkedElsewhere[page] !== undefined) return [];
      return [
        {
          line,
          problem: `a block of ${language} with neither <!-- snippet: path#region --> nor <!-- not run: reason -->`,
        },
      ];
    }
    if (marker.kind === 'not run') return [];
    const snippet = snippetOf(marker.target, base);
    if (snippet.problem !== undefined) return [{ line, problem: snippet.problem }];
    return snippet.code === code
      ? []
      : [{ line, problem: `is not what stands in ${marker.target}; node scripts/check-snippets.mjs --write` }];
  });
}

/** The page with every snippet as its region is now. */
function updated(text, base = root) {
  const lines = text.split('\n');
  for (const { start, end, indent, marker } of blocksOf(text).reverse()) {
    if (marker?.kind !== 'snippet') continue;
    const { code } = snippetOf(marker.target, base);
    if (code === undefined) continue;
    const body = code.split('\n').map((line) => (line === '' ? '' : indent + line));
    lines.splice(start + 1, end - start - 1, ...body);
  }
  return lines.join('\n');
}

/** Fenced blocks with the comment before them. */
function blocksOf(text) {
  const lines = text.split('\n');
  const blocks = [];
  for (let start = 0; start < lines.length; start += 1) {
    const [, indent, fence, language] = /^( *)(`{3,})(\w*)/.exec(lines[start]) ?? [];
    if (fence === undefined) continue;
    let end = start + 1;
    while (end < lines.length && lines[end].trim() !== fence) end += 1;
    const body = lines
      .slice(start + 1, end)
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    blocks.push({
      start,
      end,
      indent,
      line: start + 1,
      language,
      marker: markerOf(lines[start - 1] ?? ''),
      code: body.join('\n'),
    });
    start = end;
  }
  return blocks;
}

function markerOf(line) {
  const [, kind, target] = /^\s*<!-- (snippet|not run): (.+?) -->\s*$/.exec(line) ?? [];
  return kind === undefined ? undefined : { kind, target };
}

/** `path`: the file. `path#region`: the region. `path#one,two`: both, with an empty line between. */
function snippetOf(target, base) {
  const [path, regions] = target.split('#');
  const file = join(base, path);
  if (!existsSync(file)) return { problem: `there is no file ${path}` };
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  if (regions === undefined) return { code: clean(lines) };
  const parts = regions.split(',').map((name) => regionOf(lines, name));
  const missing = regions.split(',').find((_, index) => parts[index] === undefined);
  return missing === undefined
    ? { code: parts.map(clean).join('\n\n') }
    : { problem: `${path} has no region '${missing}'` };
}

/** Regions may be nested; `#endregion` ends the innermost one. */
function regionOf(lines, name) {
  const first = lines.findIndex((line) => begins(line) === name);
  if (first < 0) return undefined;
  for (let index = first + 1, depth = 1; index < lines.length; index += 1) {
    if (begins(lines[index]) !== undefined) depth += 1;
    if (ends(lines[index])) depth -= 1;
    if (depth === 0) return lines.slice(first + 1, index);
  }
  return undefined;
}

function begins(line) {
  return /^\s*(?:\/\/|#) #region (\S+)/.exec(line)?.[1];
}

function ends(line) {
  return /^\s*(?:\/\/|#) #endregion/.test(line);
}

/** Without markers, notes to linters and indentation. */
function clean(lines) {
  const shown = lines.filter(
    (line) => begins(line) === undefined && !ends(line) && !/^\s*\/\/ biome-ignore/.test(line),
  );
  const indents = shown.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length);
  const indent = Math.min(...indents);
  return shown
    .map((line) => line.slice(indent))
    .join('\n')
    .replace(/^\n+|\n+$/g, '');
}

/** Links to files of this repository, and to headings in them. */
function linkFaults(page, text, base) {
  const faults = [];
  const outside = withoutBlocks(text).split('\n');
  for (const [index, line] of outside.entries()) {
    for (const [, target] of line.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/i.test(target)) continue;
      const [path, anchor] = target.split('#');
      const file = path === '' ? page : posix.normalize(posix.join(dirname(page), decodeURI(path)));
      if (file.startsWith('..') || !existsSync(join(base, file))) {
        faults.push({ line: index + 1, problem: `the link ${target} leads nowhere` });
      } else if (anchor !== undefined && file.endsWith('.md') && !headingsOf(join(base, file)).includes(anchor)) {
        faults.push({ line: index + 1, problem: `the link ${target} names no heading of ${file}` });
      }
    }
  }
  return faults;
}

function headingsOf(file) {
  return [...withoutBlocks(readFileSync(file, 'utf8')).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  );
}

/** Blocks emptied, so that lines keep their numbers. */
function withoutBlocks(text) {
  const lines = text.split('\n');
  for (const { start, end } of blocksOf(text)) lines.fill('', start, end + 1);
  return lines.join('\n');
}

module.exports = { checkedElsewhere, faultsOf, pages, root, updated };
