import { type SourceMark, sourceMark } from '@millrace/core/spi';
import type { Source } from './rabbitmq-record';

const mark: SourceMark<Source> = sourceMark();

export const markWithSource = mark.put;
export const sourceOf = mark.get;
