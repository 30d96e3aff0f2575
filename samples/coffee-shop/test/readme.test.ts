import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const sample = join(__dirname, '..');
const readme = readFileSync(join(sample, '..', '..', 'README.md'), 'utf8');
const sources = readdirSync(join(sample, 'src')).map((name) => readFileSync(join(sample, 'src', name), 'utf8'));
const code = new Set(lines([...sources, readFileSync(join(sample, 'millrace.yaml'), 'utf8')].join('\n')));

test.each(['ts', 'yaml'])("each line of %s in the root README stands in this sample's files", (language) => {
  const shown = [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].find(([, name]) => name === language)?.[2] ?? '';
  expect(lines(shown).length).toBeGreaterThan(5);
  expect(lines(shown).filter((line) => !code.has(line))).toEqual([]);
});

function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
