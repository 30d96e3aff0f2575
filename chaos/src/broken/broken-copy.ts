import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Change, Mutant } from './mutants';

/** What a run needs of the repository. */
const PARTS = ['packages', 'chaos', 'package.json', 'tsconfig.base.json', 'tsconfig.json'];
const SHARED = ['.brokers'];

/** Text with the change made. @throws Error when the place is not found, or found twice */
export function changed(text: string, { file, from, to }: Change): string {
  const places = text.split(from).length - 1;
  if (places !== 1) throw new Error(`${file} has the place to change ${places} times: ${from}`);
  return text.replace(from, () => to);
}

/** A compiled copy of the repository with the mechanism broken; gives its folder. */
export function brokenCopy(root: string, mutant: Mutant): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-broken-'));
  for (const part of PARTS)
    cpSync(join(root, part), join(folder, part), {
      recursive: true,
      filter: (path) => basename(path) !== 'node_modules',
    });
  for (const part of SHARED) symlinkSync(join(root, part), join(folder, part));
  // With its own links to the packages of the copy: what it shares with the original must not lead back there.
  cpSync(join(root, 'node_modules'), join(folder, 'node_modules'), { recursive: true, verbatimSymlinks: true });
  for (const change of mutant.changes) {
    const file = join(folder, change.file);
    writeFileSync(file, changed(readFileSync(file, 'utf8'), change));
  }
  const compiler = join(folder, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [compiler, '-b', 'chaos'], { cwd: folder, stdio: 'inherit' });
  return folder;
}
