import type { Message } from '../message/message';
import { compose, type InboundContext, type Middleware, type OutboundContext, type Step } from './middleware';

type Stage = 'inbound' | 'inboundBatch' | 'outbound';

/** The application's middleware, composed once for each stage. */
export class MiddlewareChains {
  readonly inbound: Step<Message<unknown>, InboundContext, unknown> | undefined;
  readonly inboundBatch: Step<Message<unknown>[], InboundContext, unknown> | undefined;
  readonly outbound: Step<Message<unknown>, OutboundContext, void> | undefined;

  constructor(middleware: readonly Middleware[]) {
    this.inbound = compose(stepsOf(middleware, 'inbound'));
    this.inboundBatch = compose(stepsOf(middleware, 'inboundBatch'));
    this.outbound = compose(stepsOf(middleware, 'outbound'));
  }
}

function stepsOf<S extends Stage>(middleware: readonly Middleware[], stage: S): NonNullable<Middleware[S]>[] {
  return middleware.flatMap((one) => {
    const step = one[stage];
    return step === undefined ? [] : [step.bind(one) as NonNullable<Middleware[S]>];
  });
}
