import { Sink } from '@millrace/core';
import { injectable } from 'inversify';
import { Label } from './label';

/** A broadcast consumer: nothing is kept for it, but after a fault it has to hear again. */
@injectable()
export class Audience {
  #heard = 0;

  @Sink(Label, { broadcast: true })
  hear(_: Label): void {
    this.#heard += 1;
  }

  /** Messages since the last call. */
  heard(): number {
    const heard = this.#heard;
    this.#heard = 0;
    return heard;
  }
}
