// npm run chaos -- --binder memory|kafka|rabbitmq|mixed [--minutes N] [--seed S] [--rate R] [--json FILE] [--keep]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Evidence } from './judge/evidence';
import { judge, type Verdict } from './judge/judge';
import { now } from './ledger/entry';
import { clock } from './report/clock';
import { historyOf } from './report/history';
import { reportOf } from './report/report';
import { timeline } from './report/timeline';
import { chaosRun } from './run/chaos-run';
import { type ChaosOptions, readOptions } from './run/options';
import { rulesFor } from './run/rules';
import { faultsThatDoNotApply } from './schedule/fault-kind';
import { schedule } from './schedule/schedule';
import { openSite } from './site/open-site';

async function main(options: ChaosOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-chaos-'));
  const startedAt = now();
  const told = (line: string): void => console.error(`${clock(now() - startedAt)}  ${line}`);
  const { binder, seed, minutes, json } = options;
  const planned = schedule({ binder, seed, minutes, only: options.faults });
  told(`${binder}, seed ${seed}, ${minutes} min, ${planned.length} faults; ledgers in ${folder}`);
  told(`does not apply to ${binder}: ${faultsThatDoNotApply(binder).join(', ') || 'nothing'}`);
  const { evidence, verdict } = await run(options, planned, folder, told);
  const report = reportOf({ binder, seed, minutes }, evidence, verdict, startedAt);
  for (const line of timeline(evidence, verdict, startedAt)) console.log(line);
  const { confirmed, handled, lost, duplicates, duplicatesAllowed, reordered, deadLettered, maxRssMb } = report;
  console.log(
    `confirmed ${confirmed}, handled ${handled}, lost ${lost}, came twice ${duplicates} of ${duplicatesAllowed} in flight, reordered ${reordered}, dead letters ${deadLettered}, largest process ${maxRssMb} MB`,
  );
  if (json !== undefined) writeFileSync(resolve(json), `${JSON.stringify(report, null, 2)}\n`);
  tellViolations(evidence, verdict, startedAt);
  const isWell = verdict.violations.length === 0;
  process.exitCode = isWell ? 0 : 1;
  if (isWell && !options.keep) rmSync(folder, { recursive: true });
  else console.error(`ledgers and logs: ${folder}`);
}

async function run(
  { binder, minutes, rate, maxRssMb }: ChaosOptions,
  faults: ReturnType<typeof schedule>,
  folder: string,
  told: (line: string) => void,
): Promise<{ readonly evidence: Evidence; readonly verdict: Verdict }> {
  const rules = rulesFor(binder, maxRssMb);
  const site = await openSite(binder, {
    folder,
    perSecond: rate,
    keys: 16,
    sampleMs: 1_000,
    nodeOptions: ['--expose-gc'],
    deadlineMs: rules.endSeconds * 1_000,
  });
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  try {
    const evidence = await chaosRun(site, {
      binder,
      seconds: minutes * 60,
      faults,
      folder,
      signal: stopping.signal,
      told,
    });
    return { evidence, verdict: judge(evidence, rules) };
  } finally {
    await site.close();
  }
}

const MOST_SENTENCES = 20;

function tellViolations(evidence: Evidence, { violations }: Verdict, startedAt: number): void {
  if (violations.length === 0) {
    console.log('every invariant holds');
    return;
  }
  for (const { invariant, sentence } of violations.slice(0, MOST_SENTENCES))
    console.log(`BROKEN  ${invariant}: ${sentence}`);
  if (violations.length > MOST_SENTENCES) console.log(`… and ${violations.length - MOST_SENTENCES} more`);
  const story = violations.find((violation) => violation.story !== undefined)?.story;
  if (story !== undefined) for (const line of historyOf(story, evidence.faults, startedAt)) console.log(line);
}

/** 1 says that an invariant is broken; that there was no run to judge, says 2. */
Promise.resolve(process.argv.slice(2))
  .then((args) => main(readOptions(args, 'chaos')))
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  });
