import type { ChannelToken } from '../channel/channel';
import type { ClassCoding } from '../observe/class-coding';
import { classPlans } from './plan/class-plans';

/** How the classes of some channels are read and written; each class once. Makes their plans, so that no message has to wait for that. */
export function classCodings(channels: Iterable<ChannelToken<unknown>>): readonly ClassCoding[] {
  const classes = new Set([...channels].map(({ payloadClass }) => payloadClass).filter((each) => each !== undefined));
  return [...classes].map((payloadClass) => classPlans.codingOf(payloadClass));
}
