import { type Message, Sink } from '@millrace/core';
import { injectable } from 'inversify';
import { fateOf } from './fate';
import { Label } from './label';
import { Witness } from './witness';

/** The sink that fails: some messages once, some for good. */
@injectable()
export class Worker {
  constructor(private readonly witness: Witness) {}

  @Sink(Label, {
    group: 'workers',
    receive: 'message',
    concurrency: 8,
    retry: { maxAttempts: 3, backOff: { initial: '20ms' } },
  })
  async work(message: Message<Label>): Promise<void> {
    await this.witness.watch('workers', message, () => {
      const { key, number } = message.payload;
      const fate = fateOf(key, number);
      if (fate === 'doomed') throw new Error(`${key}#${number} is doomed`);
      if (fate === 'stumbles' && message.attempt === 1) throw new Error(`${key}#${number} stumbles`);
    });
  }
}
