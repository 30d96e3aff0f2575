import { type SourceMark, sourceMark } from '@millrace/core/spi';
import type { FetchedRecord } from '../kafka-port';

const mark: SourceMark<FetchedRecord> = sourceMark();

export const markWithSource = mark.put;
export const sourceOf = mark.get;
