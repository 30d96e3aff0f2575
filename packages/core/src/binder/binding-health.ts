import type { BindingState, BrakeState } from '../observe/events';
import { type BindingHealth, type HealthStatus, type WorkersHealth, worst } from '../observe/health';
import type { Vitals } from '../observe/vitals';
import type { BindingVitals } from './binder';

/** What health is judged by. Spans are milliseconds. */
export interface Findings {
  readonly name: string;
  readonly direction: 'producer' | 'consumer';
  readonly binder: string;
  readonly state: BindingState;
  readonly trouble: Error | undefined;
  readonly brake: BrakeState;
  readonly vitals: Vitals;
  readonly open: number;
  /** How long the oldest message has been worked on, or no send has come through while some are open. */
  readonly workingMs: number | undefined;
  readonly stalledAfterMs: number;
  readonly silentAfterMs: number;
  readonly told: BindingVitals;
  readonly workers: WorkersHealth | undefined;
}

/** Asks a binding for what it knows. A binder that fails at it knows nothing: health never throws. */
export function vitalsOf(binding: { vitals?(): BindingVitals } | undefined): BindingVitals {
  try {
    return binding?.vitals?.() ?? {};
  } catch {
    return {};
  }
}

export function judge(findings: Findings): BindingHealth {
  const { name, direction, binder, state, trouble, brake, vitals, open, told, workers } = findings;
  const stalled = stalledReasons(findings);
  const found: readonly (readonly [HealthStatus, string])[] = [
    ...(state === 'failed' ? [['down', `it could not be opened: ${trouble?.message}`] as const] : []),
    ...(trouble !== undefined && state !== 'failed' ? [['down', trouble.message] as const] : []),
    ...stalled.map((reason) => ['down', reason] as const),
    ...(told.blocked === undefined ? [] : [['down', `the broker blocks it: ${told.blocked}`] as const]),
    ...(brake === 'off' ? [] : [['degraded', `the brake is on after ${vitals.failures} failures in a row`] as const]),
    ...lackOf(workers),
  ];
  return {
    name,
    direction,
    binder,
    status: worst(found.map(([status]) => status)),
    reasons: found.map(([, reason]) => reason),
    state,
    trouble: trouble?.message,
    brake,
    lastSuccess: vitals.lastSuccess,
    consecutiveFailures: vitals.failures,
    open,
    lag: told.lag,
    workers,
    stalled: stalled.length > 0,
    blocked: told.blocked !== undefined,
  };
}

/** Threads that end are replaced at once; without a single one nothing moves. */
function lackOf(workers: WorkersHealth | undefined): readonly (readonly [HealthStatus, string])[] {
  if (workers === undefined || workers.running >= workers.threads) return [];
  const { running, threads, lost } = workers;
  return [
    [
      running === 0 ? 'down' : 'degraded',
      `${running} of ${threads} worker threads are running; ${lost} have been lost`,
    ],
  ];
}

function stalledReasons({ direction, state, workingMs, stalledAfterMs, silentAfterMs, told }: Findings): string[] {
  const reasons: string[] = [];
  if (workingMs !== undefined && workingMs > stalledAfterMs) {
    const what = direction === 'consumer' ? 'a message has been worked on' : 'sends are open and none has got through';
    reasons.push(`${what} for ${Math.round(workingMs)} ms, longer than stalledAfter ${stalledAfterMs} ms`);
  }
  const { silentMs } = told;
  if (state === 'running' && silentMs !== undefined && silentMs > silentAfterMs)
    reasons.push(`the client has heard nothing from the broker for ${Math.round(silentMs)} ms`);
  return reasons;
}
