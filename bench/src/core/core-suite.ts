import { versionsOf } from '../report/versions';
import type { SuiteOptions, SuiteResult } from '../suite';
import { codecFigures, codecNames } from './codec-speed';
import { memoryFigures, memoryNames } from './memory';
import { scaleFigures, scaleNames } from './scale-figures';
import { speedFigures, speedNames } from './speed';

/** The codec alone, and Millrace over its memory binder, beside the same work by hand. */
export async function coreSuite(options: SuiteOptions): Promise<SuiteResult> {
  const { wants } = options;
  const isWanted = (names: readonly string[]): boolean => names.some(wants);
  const figures = [
    ...(isWanted(codecNames) ? await codecFigures(options) : []),
    ...(isWanted(speedNames) ? await speedFigures(options) : []),
    ...(isWanted(scaleNames) ? await scaleFigures(options) : []),
    ...(isWanted(memoryNames) ? await memoryFigures() : []),
  ];
  return {
    figures: figures.filter(({ name }) => wants(name)),
    versions: versionsOf(['class-transformer', 'class-validator']),
  };
}
