import type { Figure } from './report/figure';

/** `quick`: for a first look, and for watching over ratios. */
export type Effort = 'full' | 'quick';

export interface SuiteOptions {
  readonly effort: Effort;
  /** Messages of warm-up and rounds, as a share of those of the effort: for a glance. Of core alone. */
  readonly share: number;
  /** Whether figures whose names begin so are wanted. */
  readonly wants: (name: string) => boolean;
}

export interface SuiteResult {
  readonly figures: readonly Figure[];
  /** Of what was measured, beside Node.js and Millrace. */
  readonly versions: Readonly<Record<string, string>>;
}

export type Suite = (options: SuiteOptions) => Promise<SuiteResult>;
