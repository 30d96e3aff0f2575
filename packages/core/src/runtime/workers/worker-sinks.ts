import type { InboundRecord } from '../../binder/record';
import { builtInCodecs } from '../../codec/built-in-codecs';
import type { Codec } from '../../codec/codec';
import { CodecRegistry } from '../../codec/codec-registry';
import { Faults } from '../../config/faults';
import { carriedError } from '../../errors/carried-error';
import type { Message } from '../../message/message';
import { MiddlewareChains } from '../../middleware/middleware-chains';
import { Decoder } from '../../pipeline/decoder';
import type { HandlerRoute } from '../../pipeline/handler-route';
import { Attempt, MessageContext } from '../../pipeline/message-context';
import { refuseStream } from '../../pipeline/refuse-stream';
import { accepting, Routes } from '../../pipeline/routes';
import { typeNameOf } from '../../pipeline/type-name';
import { ComponentContainer } from '../component-container';
import { routeOf } from '../sink-route';
import { type SinkWiring, wireSinks } from '../wiring';
import { InterruptionSignal } from './interruption-signal';
import type { SinkSignature, WorkerAnswer, WorkerRequest, WorkerSetup } from './worker-messages';
import type { WorkerParts } from './worker-options';
import { WorkerSources } from './worker-sources';

interface WorkerSinksParts {
  readonly setup: WorkerSetup;
  readonly decoder: Decoder;
  readonly middleware: MiddlewareChains;
  readonly context: MessageContext;
  readonly container: ComponentContainer;
}

type Handling = Extract<WorkerRequest, { kind: 'handle' }>;

/** The sinks of one binding in a worker thread: bytes in, encoded outputs out. One message at a time. */
export class WorkerSinks {
  readonly #parts: WorkerSinksParts;
  #running: InterruptionSignal | undefined;

  private constructor(parts: WorkerSinksParts) {
    this.#parts = parts;
  }

  /** @throws MillraceError WIRING_INVALID with all that differs from the application, or the component that cannot be made */
  static async open(setup: WorkerSetup, parts: WorkerParts): Promise<WorkerSinks> {
    const { binding, channel, group, contentType, maxBytes, maxHeaders } = setup;
    const sinks = checkedSinks(setup, parts);
    const codecs = new CodecRegistry([...builtInCodecs, ...(parts.codecs ?? [])]);
    const middleware = new MiddlewareChains(parts.middleware ?? []);
    const context = new MessageContext();
    const sources = new WorkerSources(setup.producers, { codecs, middleware, context });
    const known = parts.components.filter(({ name }) => setup.components.includes(name));
    const needed = new Set(sinks.map(({ component }) => component));
    const container = new ComponentContainer(parts.container, known, (component) => needed.has(component));
    await container.open((token) => sources.source(token));
    const [first, ...others] = sinks.map((sink) =>
      routeOf(sink, container.get(sink.component), sink.output && sources.source(sink.output)),
    );
    const routes = new Routes(binding, [first as HandlerRoute, ...others]);
    const decoder = new Decoder({ binding, channel, group, contentType, maxBytes, maxHeaders, routes, codecs });
    return new WorkerSinks({ setup, decoder, middleware, context, container });
  }

  /** Never rejects. */
  async handle({ record, attempt: number, interruption }: Handling): Promise<WorkerAnswer> {
    const { decoder } = this.#parts;
    let decoded: Awaited<ReturnType<Decoder['decode']>>;
    try {
      decoded = await decoder.decode(record as InboundRecord, number);
    } catch (error) {
      return { kind: 'invalid', error: carriedError(error) };
    }
    try {
      const { message, routes } = decoded;
      const route = accepting(routes, message);
      return route === undefined ? { kind: 'notTaken' } : await this.#call(route, message, interruption);
    } catch (error) {
      return { kind: 'failed', error: carriedError(error) };
    }
  }

  /** Tells the running handler's signal that there is something to see. */
  look(): void {
    this.#running?.look();
  }

  close(): Promise<void> {
    return this.#parts.container.close();
  }

  async #call(route: HandlerRoute, message: Message<unknown>, interruption: Int32Array): Promise<WorkerAnswer> {
    const { context, setup } = this.#parts;
    const attempt = new Attempt(message, 'afterSuccess');
    const own = new InterruptionSignal(interruption, route.owner, setup.timeout);
    this.#running = own;
    try {
      const result = await context.run(attempt, () => this.#through(route, message, () => own.signal));
      refuseStream(result, route);
      await context.enter(attempt, () => route.publish?.(result, message));
      return { kind: 'done', outputs: attempt.handOver().map(ownBytes) };
    } finally {
      attempt.end();
      this.#running = undefined;
    }
  }

  #through(route: HandlerRoute, message: Message<unknown>, signal: () => AbortSignal): unknown {
    const { inbound } = this.#parts.middleware;
    if (inbound === undefined) return route.handle(message, signal);
    const { binding, group } = this.#parts.setup;
    const context = { binding, group, owner: route.owner, signal: signal() };
    return inbound(message, context, async (changed) => route.handle(changed, signal));
  }
}

/** Structured cloning takes the whole memory behind a view of it, which may be a pool's. */
function ownBytes<O extends { readonly record: { readonly payload: Uint8Array | null } }>(output: O): O {
  const { payload } = output.record;
  if (payload === null || payload.byteLength === payload.buffer.byteLength) return output;
  return { ...output, record: { ...output.record, payload: new Uint8Array(payload) } };
}

/** The sinks that the application has, in its order. What is missing or different would go wrong unseen. */
function checkedSinks(setup: WorkerSetup, { components, middleware = [], codecs = [] }: WorkerParts): SinkWiring[] {
  const faults = new Faults();
  const sinks = setup.sinks.flatMap((wanted) => {
    const named = components.filter((component) => component?.name === wanted.component);
    const [component] = named;
    if (component === undefined || named.length > 1) {
      const listed = components.map((each) => String(each?.name)).join(', ') || 'none';
      faults.add(
        `${wanted.component}.${wanted.method}`,
        component === undefined
          ? `its class is not among the components of the module, which are: ${listed}`
          : `${named.length} components of the module have the name of its class`,
        component === undefined ? 'List it there' : 'Give each a name of its own',
      );
      return [];
    }
    const found = wireSinks(component, faults).find((sink) => isSame(signatureOf(sink), wanted));
    if (found === undefined) {
      faults.add(
        `${wanted.component}.${wanted.method}`,
        `the module's ${wanted.component} has no such sink of channel '${wanted.channel}'`,
        'Load the same build in application and threads',
      );
      return [];
    }
    return [found];
  });
  tellDifference(
    `middleware`,
    setup.middleware,
    middleware.map(({ name }) => name),
    faults,
  );
  tellDifference(`codecs`, setup.codecs, codecNames(codecs), faults);
  faults.throwIfAny('WIRING_INVALID', `${setup.module}, which worker threads of '${setup.binding}' load,`);
  return sinks;
}

function tellDifference(what: string, wanted: readonly string[], found: readonly string[], faults: Faults): void {
  if (JSON.stringify(wanted) === JSON.stringify(found)) return;
  const [ours, theirs] = [wanted, found].map((names) => (names.length === 0 ? 'none' : names.join(', ')));
  faults.add(
    what,
    `Millrace.create was given ${ours}, the module exports ${theirs}`,
    'Export the same, so that messages are treated alike in every thread',
  );
}

export function signatureOf({ component, method, channel, output }: SinkWiring): SinkSignature {
  return {
    component: component.name,
    method: String(method),
    channel: channel.name,
    type: typeNameOf(channel),
    output: output?.name,
  };
}

/** Codecs have no names but what they read. */
export function codecNames(codecs: readonly Codec[]): string[] {
  return codecs.map(({ contentTypes }) => contentTypes.join(' '));
}

function isSame(one: SinkSignature, other: SinkSignature): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
