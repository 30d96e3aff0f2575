import { Source } from '@millrace/core';
import { injectable } from 'inversify';
import { Reading } from './reading';

/** Three thermometers. The one on the pier needs a mechanic. */
export const readings = [
  Reading.of('harbour', 1, 59),
  Reading.of('summit', 1, 23),
  Reading.of('pier', 1, 60.8),
  Reading.of('harbour', 2, 61.7),
  Reading.of('summit', 2, 24.8),
  Reading.of('pier', 2, -500),
  Reading.of('harbour', 3, 64.4),
  Reading.of('summit', 3, 28.4),
  Reading.of('pier', 3, 62.6),
];

@injectable()
export class Stations {
  constructor(@Source(Reading) private readonly channel: Source<Reading>) {}

  async report(): Promise<void> {
    for (const reading of readings) await this.channel.send(reading);
  }
}
