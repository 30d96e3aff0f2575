import type { DeadLetterTarget } from '../binder/binder';
import { GuardedConsumer, type Intake, type Opening, type Workers } from '../binder/guarded-consumer';
import { CallGate } from '../brake/call-gate';
import type { ChannelToken } from '../channel/channel';
import { classCodings } from '../codec/class-codings';
import type { ConsumerPlan } from '../config/binding-plans';
import { describeError } from '../errors/describe-error';
import { MiddlewareChains } from '../middleware/middleware-chains';
import { Vitals } from '../observe/vitals';
import { type ConsumerSettings, inboxWindowOf, prefetchOf, stalledAfterOf } from '../options/consumer-options';
import { matchDistance } from '../options/error-match';
import { BatchInbound } from '../pipeline/batch-inbound';
import { DeadLetterWriter, type Failure } from '../pipeline/dead-letter';
import { Decoder, type RecordDecoder } from '../pipeline/decoder';
import { HandlerCall, type HandlerCallParts } from '../pipeline/handler-call';
import type { HandlerRoute } from '../pipeline/handler-route';
import { Inbound, type InboundParts } from '../pipeline/inbound';
import { OnlyOnce } from '../pipeline/only-once';
import { Routes } from '../pipeline/routes';
import type { Producers, SharedParts } from './producers';

type AtLeastOneRoute = readonly [HandlerRoute, ...HandlerRoute[]];

/** Where handlers run that do not run in the thread of the application. */
export interface Elsewhere {
  readonly workers: Workers;
  readonly route: HandlerRoute;
  readonly decoder: RecordDecoder;
}

/** Makes the binding of a group's sinks. The routes are asked for at each opening, when the components' instances are there. */
export function consumerFor(
  plan: ConsumerPlan,
  channels: readonly ChannelToken<unknown>[],
  routes: () => AtLeastOneRoute,
  shared: SharedParts,
  producers: Producers,
  elsewhere?: Elsewhere,
): GuardedConsumer {
  const { binding, group, settings } = plan;
  const classes = classCodings(channels);
  const vitals = new Vitals();
  const onlyOnce = onlyOnceFor(plan, shared, producers);
  return new GuardedConsumer({
    name: binding,
    binderName: plan.binder,
    openBinder: async () => {
      if (onlyOnce !== undefined) await shared.inbox.open();
      return shared.binders.open(plan.binder);
    },
    request: {
      binding,
      destinations: plan.destinations,
      group,
      concurrency: settings.concurrency,
      prefetch: prefetchOf(settings),
      deadLetter: deadLetterTarget(plan),
      delays: settings.retry.delays,
      instance: plan.instance,
      exactlyOnce: settings.exactlyOnce,
      native: settings.native,
    },
    classes: () => classes,
    openIntake: (opening) => {
      const way = elsewhere ?? decodingWay(plan, routes(), shared);
      return openIntake(plan, way, opening, shared, { vitals, onlyOnce });
    },
    workers: elsewhere?.workers,
    drainMs: shared.drainMs,
    startPaused: settings.startPaused,
    vitals,
    stalledAfterMs: stalledAfterOf(settings),
    silentAfterMs: settings.health.silentAfter,
    events: shared.events,
    logger: shared.logger,
  });
}

/** Decoder and middleware in the thread of the application; both are elsewhere where the handlers are. */
type Way = Pick<InboundParts, 'decoder'> & Partial<Pick<HandlerCallParts, 'middleware'>>;

function decodingWay(
  { binding, channel, group, contentType, settings }: ConsumerPlan,
  routes: AtLeastOneRoute,
  { codecs, middleware }: SharedParts,
): Way {
  const { maxBytes, maxHeaders } = settings;
  const decoder = new Decoder({
    ...{ binding, channel, group, contentType, maxBytes, maxHeaders, codecs },
    routes: new Routes(binding, routes),
  });
  return { decoder, middleware };
}

function openIntake(
  plan: ConsumerPlan,
  { decoder, middleware = new MiddlewareChains([]) }: Way,
  opening: Opening,
  shared: SharedParts,
  lasting: Pick<HandlerCallParts, 'vitals' | 'onlyOnce'>,
): Intake {
  const { binding, group, settings } = plan;
  const { context, events, logger } = shared;
  const gate = gateFor(plan, opening, shared);
  const parts: InboundParts = {
    binding,
    settings,
    decoder,
    handlerCall: new HandlerCall({
      binding,
      group,
      timeout: settings.timeout,
      retry: settings.retry,
      gate,
      ...lasting,
      // Threads can only hand over what is to be sent; where they are played inline, it is the same.
      outputs: settings.workers === false ? settings.outputs : 'afterSuccess',
      context,
      middleware,
    }),
    gate,
    deadLetters: new DeadLetterWriter({
      binding,
      group,
      discards: discardRule(plan),
      events,
      logger,
      opened: opening.opened,
      report: opening.report,
    }),
    events,
    parksDelayed: opening.capabilities.delayedRequeue,
    newUnit: settings.exactlyOnce ? (record) => Object.freeze({ record, binder: plan.binder }) : undefined,
  };
  return settings.batch === undefined ? new Inbound(parts) : new BatchInbound(parts, settings.batch);
}

function onlyOnceFor(plan: ConsumerPlan, shared: SharedParts, producers: Producers): OnlyOnce | undefined {
  const windowMs = inboxWindowOf(plan.settings);
  if (windowMs === undefined) return undefined;
  return new OnlyOnce({
    consumer: plan.binding,
    windowMs,
    inbox: shared.inbox.inbox,
    resend: (output) => producers.resend(output),
  });
}

/** The brake decides what is taken in: while it is open the binder hands over nothing. */
function gateFor({ binding, settings }: ConsumerPlan, opening: Opening, shared: SharedParts): CallGate | undefined {
  const { brake, circuitBreaker, rateLimit } = settings;
  if (brake === false && circuitBreaker === false && rateLimit === false) return undefined;
  const { events, logger } = shared;
  return new CallGate({
    settings: {
      slow: brake === false ? undefined : { failures: brake.failures, waitMs: brake.wait },
      circuit:
        circuitBreaker === false ? undefined : { failures: circuitBreaker.failures, openMs: circuitBreaker.openFor },
      rate: rateLimit === false ? undefined : { messages: rateLimit.messages, perMs: rateLimit.per },
    },
    changed: (change) => {
      const { state, failures, waitMs, error } = change;
      const facts = { binding, state, failures, waitMs };
      if (state === 'slow' || state === 'open') {
        const reason = describeError(error).message;
        logger.warn({ ...facts, reason }, 'calls of the handler fail in a row: the brake is on');
      } else logger.info(facts, state === 'off' ? 'the brake is off' : 'the brake lets one message through');
      opening.hold(state === 'open');
      if (events.listens('brake')) events.emit('brake', { binding, ...change });
    },
  });
}

/** Broadcast consumers keep nothing; groups keep what they cannot handle unless the author said otherwise. */
function deadLetterTarget({ group, settings }: ConsumerPlan): DeadLetterTarget | undefined {
  const { deadLetter } = settings;
  if (group === undefined || deadLetter === 'discard') return undefined;
  if (deadLetter === 'on') return { destination: undefined, invalidDestination: undefined };
  return { destination: deadLetter.destination, invalidDestination: deadLetter.invalidDestination };
}

function discardRule({ group, settings }: ConsumerPlan): (failure: Failure) => boolean {
  const { deadLetter } = settings;
  if (group === undefined || deadLetter === 'discard') return () => true;
  const only = keptErrors(deadLetter);
  return only === undefined
    ? () => false
    : ({ kind, error }) => kind === 'failed' && matchDistance(error, only) === undefined;
}

function keptErrors(
  deadLetter: Exclude<ConsumerSettings['deadLetter'], 'discard'>,
): Parameters<typeof matchDistance>[1] {
  return typeof deadLetter === 'object' ? deadLetter.only : undefined;
}
