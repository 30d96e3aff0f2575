import type { Fault } from '../faults/fault';
import type { Evidence } from '../judge/evidence';
import type { Verdict } from '../judge/judge';
import type { Recovery } from '../judge/recovery';
import type { Moment, Told } from '../ledger/entry';
import { clock } from './clock';

/** Recovery that is wanted of a binder, in seconds; printed beside what was measured. */
const goals: Readonly<Record<string, { readonly producer?: number; readonly consumer: number }>> = {
  kafka: { producer: 1, consumer: 12 },
  rabbitmq: { producer: 2, consumer: 2 },
};

/** Lines for people: what was done, what came of it, how long it took to be well again. */
export function timeline({ entries, faults }: Evidence, verdict: Verdict, startedAt: Moment): string[] {
  const lines = faults.flatMap((fault, index) => {
    const { inFlight = 0, duplicates = 0 } = verdict.duplicates.perFault[index] ?? {};
    const seconds = (fault.removedAt - fault.beganAt) / 1_000;
    const next = faults[index + 1]?.beganAt ?? Number.POSITIVE_INFINITY;
    return [
      `${clock(fault.beganAt - startedAt)}  ${fault.name} (${fault.target}), ${seconds.toFixed(1)} s`,
      `         effect: ${effectOf(entries, fault, next)}; in flight ${inFlight}, came twice ${duplicates}`,
      `         recovery: ${recoveryText(verdict.recoveries[index], fault)}`,
    ];
  });
  return ['time     fault', ...lines];
}

/** What members noticed of it before the next fault. */
function effectOf(entries: readonly Told[], { beganAt, removedAt }: Fault, next: Moment): string {
  const until = Math.min(next, removedAt + 30_000);
  const troubled = new Set<string>();
  let rejected = 0;
  for (const entry of entries) {
    if (entry.at < beganAt || entry.at > until) continue;
    if (entry.what === 'trouble' && entry.why !== undefined) troubled.add(entry.member);
    if (entry.what === 'rejected') rejected += 1;
  }
  const parts = [
    troubled.size > 0 ? `trouble at ${[...troubled].sort().join(', ')}` : 'no trouble told',
    ...(rejected > 0 ? [`${rejected} sends rejected`] : []),
  ];
  return parts.join(', ');
}

function recoveryText(recovery: Recovery | undefined, fault: Fault): string {
  if (recovery === undefined) return 'unknown';
  const { producerSeconds, consumerSeconds, isOverlapped } = recovery;
  const goal = fault.isOutage ? goals[fault.target.split(' ')[0] ?? ''] : undefined;
  const parts = [
    producerSeconds === undefined ? undefined : `producers ${against(producerSeconds, goal?.producer)}`,
    consumerSeconds === undefined ? undefined : `consumers ${against(consumerSeconds, goal?.consumer)}`,
  ].filter((part) => part !== undefined);
  if (parts.length === 0) return 'nothing to recover';
  return parts.join(', ') + (isOverlapped ? ' (another fault had a share in it)' : '');
}

function against(seconds: number, goal: number | undefined): string {
  const text = `${seconds.toFixed(1)} s`;
  if (goal === undefined) return text;
  return seconds <= goal ? `${text} (goal ${goal} s)` : `${text} (goal ${goal} s MISSED)`;
}
