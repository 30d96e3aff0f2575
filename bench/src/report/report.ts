import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import type { Figure } from './figure';

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

const measuredPackages = ['@millrace/core', 'class-transformer', 'class-validator'];

export function reportOf(command: string, figures: readonly Figure[]): Report {
  const packages = measuredPackages.map((name) => [name, versionOf(name)] as const);
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
    versions: { node: process.versions.node, ...Object.fromEntries(packages) },
    figures,
  };
}

function versionOf(name: string): string {
  const manifest = JSON.parse(readFileSync(require.resolve(`${name}/package.json`), 'utf8')) as { version: string };
  return manifest.version;
}

/** The commit, marked where there are changes on top of it. */
function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { cwd: __dirname, encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
