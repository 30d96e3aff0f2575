import { Reject, Sink, Source } from '@millrace/core';
import { injectable } from 'inversify';
import { Reading } from './reading';
import { Temperature } from './temperature';

const ABSOLUTE_ZERO = -459.67;

/**
 * A processor: what it returns is sent on, and only then is the reading acknowledged. Whether the two channels are on one
 * broker or on two, it does not know.
 */
@injectable()
export class Converter {
  @Sink(Reading, { group: 'converters' })
  @Source(Temperature)
  convert(reading: Reading): Temperature {
    if (reading.fahrenheit < ABSOLUTE_ZERO) throw new Reject(`nothing is as cold as ${reading.fahrenheit} °F`);
    return Temperature.of(reading);
  }
}
