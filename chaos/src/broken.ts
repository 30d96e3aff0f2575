// npm run chaos:broken -- [--only NAME] [--seed S]: breaks each mechanism in a copy, and has a run find it.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { brokenCopy } from './broken/broken-copy';
import { type Mutant, mutants } from './broken/mutants';
import type { Report } from './report/report';

const ROOT = join(__dirname, '..', '..');

/** What the run of a mutant has shown: red, and for the reason that was meant. */
function run(mutant: Mutant, seed: string): { readonly isSeen: boolean; readonly text: string } {
  const folder = brokenCopy(ROOT, mutant);
  const file = join(folder, 'report.json');
  const { binder, minutes, faults, rate } = mutant;
  const wanted = ['--binder', binder, '--minutes', String(minutes), '--seed', seed, '--faults', faults.join()];
  if (rate !== undefined) wanted.push('--rate', String(rate));
  const program = join(folder, 'chaos', 'dist', 'main.js');
  const { status } = spawnSync(process.execPath, [program, ...wanted, '--json', file], {
    cwd: folder,
    stdio: 'inherit',
  });
  if (status !== 1) return { isSeen: false, text: `the run ended with ${status}, and 1 was wanted; ${folder}` };
  const { violations } = JSON.parse(readFileSync(file, 'utf8')) as Report;
  const meant = violations.filter((sentence) => mutant.breaks.some((invariant) => sentence.startsWith(invariant)));
  if (meant.length === 0) return { isSeen: false, text: `red for another reason: ${violations[0]}; ${folder}` };
  rmSync(folder, { recursive: true });
  return { isSeen: true, text: `${meant.length} × ${meant[0]}` };
}

const { values } = parseArgs({ options: { only: { type: 'string' }, seed: { type: 'string', default: '1' } } });
const chosen = mutants.filter(({ name }) => values.only === undefined || name.includes(values.only));
const results = chosen.map((mutant) => ({ mutant, ...run(mutant, values.seed) }));
for (const { mutant, isSeen, text } of results) console.log(`${isSeen ? 'seen  ' : 'MISSED'}  ${mutant.name}: ${text}`);
process.exitCode = results.length > 0 && results.every(({ isSeen }) => isSeen) ? 0 : 1;
