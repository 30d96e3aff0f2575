// npm run soak -- --binder memory|kafka|rabbitmq|mixed [--minutes N] [--rate R] [--json FILE] [--keep]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Evidence } from './judge/evidence';
import { judge } from './judge/judge';
import { now } from './ledger/entry';
import { clock } from './report/clock';
import { historyOf } from './report/history';
import { chaosRun } from './run/chaos-run';
import { type ChaosOptions, readOptions } from './run/options';
import { rulesFor } from './run/rules';
import { openSite } from './site/open-site';
import type { Site } from './site/site';
import { type Count, flatnessOf, warmUpSeconds } from './soak/flatness';
import { soakReportOf, soakTable } from './soak/soak-report';

const SAMPLE_MS = 5_000;

async function main({ binder, minutes, rate, maxRssMb, json, keep }: ChaosOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-soak-'));
  const startedAt = now();
  const told = (line: string): void => console.error(`${clock(now() - startedAt)}  ${line}`);
  told(`${binder}, ${minutes} min, ${rate} messages a second; ledgers in ${folder}`);
  const rules = rulesFor(binder, maxRssMb);
  const deadlineMs = rules.endSeconds * 1_000;
  const nodeOptions = ['--expose-gc'];
  const site = await openSite(binder, {
    folder,
    perSecond: rate,
    keys: 16,
    sampleMs: SAMPLE_MS,
    nodeOptions,
    deadlineMs,
  });
  const counting = countRegularly(site);
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  let evidence: Evidence;
  try {
    const seconds = minutes * 60;
    evidence = await chaosRun(site, { binder, seconds, faults: [], folder, signal: stopping.signal, told });
  } finally {
    clearInterval(counting.timer);
    await site.close();
  }
  const verdict = judge(evidence, rules);
  const { from, until } = loadOf(evidence, warmUpSeconds(minutes * 60));
  const report = soakReportOf({ binder, minutes }, verdict, flatnessOf(evidence.entries, counting.counts, from, until));
  for (const line of soakTable(report)) console.log(line);
  const { confirmed, handled, lost, duplicates, reordered } = report;
  console.log(
    `confirmed ${confirmed}, handled ${handled}, lost ${lost}, came twice ${duplicates}, reordered ${reordered}`,
  );
  if (json !== undefined) writeFileSync(resolve(json), `${JSON.stringify(report, null, 2)}\n`);
  for (const sentence of report.violations.slice(0, 20)) console.log(`BROKEN  ${sentence}`);
  const story = verdict.violations.find((violation) => violation.story !== undefined)?.story;
  if (story !== undefined) for (const line of historyOf(story, evidence.faults, startedAt)) console.log(line);
  if (report.violations.length === 0) console.log('everything is flat, and every invariant holds');
  process.exitCode = report.violations.length === 0 ? 0 : 1;
  if (report.violations.length === 0 && !keep) rmSync(folder, { recursive: true });
  else console.error(`ledgers and logs: ${folder}`);
}

/** The load after the warm-up. */
function loadOf({ entries }: Evidence, warmUp: number): { readonly from: number; readonly until: number } {
  const confirmed = entries.filter(({ what }) => what === 'confirmed').map(({ at }) => at);
  const first = confirmed.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY);
  const last = confirmed.reduce((most, at) => Math.max(most, at), 0);
  return { from: first + warmUp * 1_000, until: last };
}

function countRegularly(site: Site): { readonly counts: readonly Count[]; readonly timer: NodeJS.Timeout } {
  const counts: Count[] = [];
  const timer = setInterval(() => {
    void site
      .counts()
      .then((found) => counts.push(...Object.entries(found).map(([name, value]) => ({ at: now(), name, value }))))
      .catch(() => undefined);
  }, SAMPLE_MS);
  return { counts, timer };
}

/** 1 says that an invariant is broken; that there was no run to judge, says 2. */
Promise.resolve(process.argv.slice(2))
  .then((args) => main(readOptions(args, 'soak')))
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  });
