import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import type { SuiteResult } from '../suite';
import type { Figure } from './figure';
import { versionsOf } from './versions';

/** What `--json` writes: enough to know in a year what was measured, where and how. */
export interface Report {
  readonly date: string;
  readonly command: string;
  readonly commit: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGib: number;
    readonly platform: string;
  };
  readonly versions: Readonly<Record<string, string>>;
  readonly figures: readonly Figure[];
}

export function reportOf(command: string, results: readonly SuiteResult[]): Report {
  return {
    date: new Date().toISOString().slice(0, 10),
    command,
    commit: commit(),
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memoryGib: Math.round(totalmem() / 1024 ** 3),
      platform: `${process.platform} ${process.arch}`,
    },
    versions: {
      node: process.versions.node,
      ...versionsOf(['@millrace/core']),
      ...Object.assign({}, ...results.map(({ versions }) => versions)),
    },
    figures: results.flatMap(({ figures }) => figures),
  };
}

/** The commit, marked where there are changes on top of it. */
function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { cwd: __dirname, encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
