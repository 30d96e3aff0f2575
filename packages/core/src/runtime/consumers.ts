import { GuardedConsumer } from '../binder/guarded-consumer';
import type { CodecRegistry } from '../codec/codec-registry';
import type { ConsumerPlan } from '../config/binding-plans';
import type { Events } from '../observe/events';
import type { Logger } from '../observe/logger';
import { type ConsumerSettings, prefetchOf } from '../options/consumer-options';
import { DeadLetterWriter } from '../pipeline/dead-letter';
import type { HandlerRoute } from '../pipeline/handler-route';
import { Inbound } from '../pipeline/inbound';
import type { OpenBinders } from './binder-registry';

export interface ConsumersParts {
  readonly binders: OpenBinders;
  readonly codecs: CodecRegistry;
  readonly events: Events;
  readonly logger: Logger;
  readonly drainMs: number;
}

/** Makes the binding of a sink. The route is asked for at each opening, when the component's instance is there. */
export function consumerFor(plan: ConsumerPlan, route: () => HandlerRoute, parts: ConsumersParts): GuardedConsumer {
  const { binders, codecs, events, logger, drainMs } = parts;
  const { binding, group, settings, contentType, channel } = plan;
  const keepsDeadLetters = group !== undefined && settings.deadLetter !== 'discard';
  return new GuardedConsumer({
    name: binding,
    binderName: plan.binder,
    openBinder: () => binders.open(plan.binder),
    request: {
      binding,
      destinations: plan.destinations,
      group,
      concurrency: settings.concurrency,
      prefetch: prefetchOf(settings),
      deadLetter: keepsDeadLetters ? deadLetterTarget(settings.deadLetter) : undefined,
      delays: [],
      instance: undefined,
      native: settings.native,
    },
    openIntake: ({ capabilities, opened, report }) => {
      const policy = keepsDeadLetters ? 'keep' : 'discard';
      const deadLetters = new DeadLetterWriter({ binding, group, policy, events, logger, opened, report });
      return new Inbound({
        binding,
        channel: channel.name,
        group,
        contentType,
        settings,
        route: route(),
        codecs,
        events,
        deadLetters,
        parksDelayed: capabilities.delayedRequeue,
      });
    },
    drainMs,
    startPaused: settings.startPaused,
    events,
    logger,
  });
}

function deadLetterTarget(setting: ConsumerSettings['deadLetter']): { destination: string | undefined; invalidDestination: undefined } {
  return { destination: typeof setting === 'object' ? setting.destination : undefined, invalidDestination: undefined };
}
