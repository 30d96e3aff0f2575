import type { SampleEntry, Told } from '../ledger/entry';
import type { Rules, Violation } from './evidence';

const FIRST_MINUTE_MS = 60_000;
/** Beyond what the first minute has shown: garbage that is not collected yet. */
const SPARE_SHARE = 0.25;
const SPARE_MB = 40;

/** Processes that are larger than allowed, or grow after their first minute. */
export function growths(entries: readonly Told[], { maxRssMb }: Rules): Violation[] {
  const violations: Violation[] = [];
  for (const [life, samples] of samplesByLife(entries)) {
    const firstAt = samples[0]?.at ?? 0;
    const early = largest(samples.filter(({ at }) => at - firstAt <= FIRST_MINUTE_MS));
    const late = largest(samples.filter(({ at }) => at - firstAt > FIRST_MINUTE_MS));
    const bound = Math.min(maxRssMb, early * (1 + SPARE_SHARE) + SPARE_MB);
    const [size, limit] = early > maxRssMb ? [early, maxRssMb] : [late, bound];
    if (size <= limit) continue;
    const sentence = `${life} took up ${size.toFixed(0)} MB, and ${limit.toFixed(0)} MB was its bound (${early.toFixed(0)} MB in its first minute)`;
    violations.push({ invariant: 'memory is bounded', sentence });
  }
  return violations;
}

export function maxRssMb(entries: readonly Told[]): number {
  return largest(entries.filter((entry) => entry.what === 'sample'));
}

function samplesByLife(entries: readonly Told[]): Map<string, SampleEntry[]> {
  const byLife = new Map<string, SampleEntry[]>();
  for (const entry of entries) {
    if (entry.what !== 'sample') continue;
    const life = `${entry.member}.${entry.life}`;
    const known = byLife.get(life);
    if (known === undefined) byLife.set(life, [entry]);
    else known.push(entry);
  }
  return byLife;
}

function largest(samples: readonly SampleEntry[]): number {
  return samples.reduce((most, { rssMb }) => Math.max(most, rssMb), 0);
}
