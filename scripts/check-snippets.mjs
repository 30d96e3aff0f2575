// node scripts/check-snippets.mjs [--write]: every snippet of the documentation is cut from code that runs, every link leads
// somewhere. With --write the snippets are brought up to date first.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import snippets from './snippets.cjs';

const { faultsOf, pages, root, updated } = snippets;

if (process.argv.includes('--write')) {
  for (const page of pages()) {
    const before = readFileSync(join(root, page), 'utf8');
    const after = updated(before);
    if (after === before) continue;
    writeFileSync(join(root, page), after);
    console.log(`updated ${page}`);
  }
}

const faults = pages().flatMap((page) => faultsOf(page));
for (const fault of faults) console.log(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
