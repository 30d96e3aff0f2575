import type { Fault } from '../faults/fault';
import type { Evidence } from '../judge/evidence';
import type { Verdict } from '../judge/judge';
import type { BinderName } from '../schedule/fault-kind';

/** What `--json` writes. */
export interface Report {
  readonly binder: BinderName;
  readonly seed: number;
  readonly minutes: number;
  readonly confirmed: number;
  readonly handled: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly duplicatesAllowed: number;
  readonly reordered: number;
  readonly deadLettered: number;
  readonly faults: readonly FaultReport[];
  readonly recoveries: readonly RecoveryReport[];
  readonly maxRssMb: number;
  /** Sentences; empty when every invariant holds. */
  readonly violations: readonly string[];
}

interface FaultReport {
  readonly number: number;
  readonly fault: string;
  readonly target: string;
  /** After the beginning of the run. */
  readonly atSecond: number;
  readonly seconds: number;
  readonly inFlight: number;
  readonly duplicates: number;
}

interface RecoveryReport {
  readonly fault: string;
  /** From the end of its cause until messages flowed again everywhere. */
  readonly seconds: number;
  readonly producerSeconds?: number;
  readonly consumerSeconds?: number;
  /** Another fault had a share in it. */
  readonly overlapped: boolean;
}

export interface RunFacts {
  readonly binder: BinderName;
  readonly seed: number;
  readonly minutes: number;
}

export function reportOf(facts: RunFacts, { faults }: Evidence, verdict: Verdict, startedAt: number): Report {
  const { confirmed, handled, lost, reordered, deadLettered, duplicates, recoveries, violations } = verdict;
  return {
    ...facts,
    confirmed,
    handled,
    lost,
    duplicates: duplicates.count,
    duplicatesAllowed: duplicates.perFault.reduce((sum, { inFlight }) => sum + inFlight, 0),
    reordered,
    deadLettered,
    faults: faults.map((fault, index) => faultReport(fault, startedAt, duplicates.perFault[index])),
    recoveries: recoveries.flatMap(({ fault, producerSeconds, consumerSeconds, isOverlapped }) => {
      const known = [producerSeconds, consumerSeconds].filter((seconds) => seconds !== undefined);
      if (known.length === 0) return [];
      const { name = '', target = '' } = faults.find(({ number }) => number === fault) ?? {};
      return [
        {
          fault: `${name}: ${target}`,
          seconds: Math.max(...known),
          ...(producerSeconds !== undefined && { producerSeconds }),
          ...(consumerSeconds !== undefined && { consumerSeconds }),
          overlapped: isOverlapped,
        },
      ];
    }),
    maxRssMb: Math.round(verdict.maxRssMb),
    violations: violations.map(({ invariant, sentence }) => `${invariant}: ${sentence}`),
  };
}

function faultReport(
  { number, name, target, beganAt, removedAt }: Fault,
  startedAt: number,
  flight: { readonly inFlight: number; readonly duplicates: number } | undefined,
): FaultReport {
  return {
    number,
    fault: name,
    target,
    atSecond: tenths((beganAt - startedAt) / 1_000),
    seconds: tenths((removedAt - beganAt) / 1_000),
    inFlight: flight?.inFlight ?? 0,
    duplicates: flight?.duplicates ?? 0,
  };
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
