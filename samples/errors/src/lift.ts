import { setTimeout as pause } from 'node:timers/promises';
import { channel, type Message, Sink } from '@millrace/core';
import { injectable } from 'inversify';
import { Parcel } from './parcel';
import { Story } from './story';

export const Lift = channel('lift', Parcel);

const STUCK_MS = 60_000;

/** Runs past its timeout. The signal tells it to stop what it does, so that the next attempt is alone. */
@injectable()
export class LiftCarrier {
  constructor(private readonly story: Story) {}

  @Sink(Lift, { group: 'carriers' })
  async ride({ number, address }: Parcel, { attempt }: Message<Parcel>, signal: AbortSignal): Promise<void> {
    if (attempt === 1) {
      signal.addEventListener('abort', () => this.story.told(attempt, 'the signal fires: out through the hatch'));
      await pause(STUCK_MS, undefined, { signal });
    }
    this.story.handled(attempt, `parcel ${number} is up at ${address}`);
  }
}
