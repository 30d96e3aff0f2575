import { versionsOf } from '../report/versions';
import type { SuiteOptions, SuiteResult } from '../suite';
import { memoryFigures } from './memory';
import { speedFigures } from './speed';

/** Millrace over its memory binder, beside the same work by hand. */
export async function coreSuite({ effort, wants }: SuiteOptions): Promise<SuiteResult> {
  const figures = [...(await speedFigures(effort)), ...(await memoryFigures())];
  return {
    figures: figures.filter(({ name }) => wants(name)),
    versions: versionsOf(['class-transformer', 'class-validator']),
  };
}
