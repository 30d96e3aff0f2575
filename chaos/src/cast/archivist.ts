import { setTimeout as pause } from 'node:timers/promises';
import { type Message, Sink } from '@millrace/core';
import { injectable } from 'inversify';
import { hashOf } from './hash';
import { Label } from './label';
import { Witness } from './witness';

const SHORTEST_MS = 20;
const SPREAD_MS = 40;

/** The slow sink. */
@injectable()
export class Archivist {
  constructor(private readonly witness: Witness) {}

  @Sink(Label, { group: 'archivists', receive: 'message', concurrency: 32, ordering: 'key' })
  async file(message: Message<Label>): Promise<void> {
    const { key, number } = message.payload;
    await this.witness.watch('archivists', message, () =>
      pause(SHORTEST_MS + (hashOf(`${key}/${number}`) % SPREAD_MS)),
    );
  }
}
