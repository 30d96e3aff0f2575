import { versionsOf } from '../report/versions';
import type { SuiteOptions, SuiteResult } from '../suite';
import { codecFigures, codecNames } from './codec-speed';
import { memoryFigures, memoryNames } from './memory';
import { speedFigures, speedNames } from './speed';

/** The codec alone, and Millrace over its memory binder, beside the same work by hand. */
export async function coreSuite({ effort, wants }: SuiteOptions): Promise<SuiteResult> {
  const isWanted = (names: readonly string[]): boolean => names.some(wants);
  const figures = [
    ...(isWanted(codecNames) ? await codecFigures(effort) : []),
    ...(isWanted(speedNames) ? await speedFigures(effort) : []),
    ...(isWanted(memoryNames) ? await memoryFigures() : []),
  ];
  return {
    figures: figures.filter(({ name }) => wants(name)),
    versions: versionsOf(['class-transformer', 'class-validator']),
  };
}
