import {
  type Application,
  type ApplicationOptions,
  type BindingHandle,
  type ChannelReference,
  type Duration,
  type Message,
  Millrace,
  type SendOptions,
  type StopOptions,
} from '@millrace/core';
import { type DeadLetter, parseDuration } from '@millrace/core/spi';
import { type DeadLetterView, deadLetterView } from './dead-letter-view';
import { type Failure, failuresError, noteFailures } from './failures';
import { OpenSends } from './open-sends';
import { OutsideProducer } from './outside-producer';
import { Quiet } from './quiet';
import { emitRaw, placeOfChannel, placeOfDestination, type RawOptions } from './raw-records';
import { SentRecords } from './sent-records';
import { StandInBinders } from './stand-in-binders';

export interface TestApplicationOptions extends Omit<ApplicationOptions, 'binders' | 'overrides' | 'workers'> {
  /**
   * Waits between attempts in place: `none`, so that a test need not wait for them, or as configured. The number of attempts
   * is the configured one, and so are delayed retries. Default `none`.
   */
  readonly backOff?: 'none' | 'as configured';
}

export interface SettledOptions {
  /** How long to wait, in real time also under fake timers. Default 5 s. */
  readonly timeout?: Duration;
  /** `leave`: what is set aside for a delayed retry does not count. Default `wait`. */
  readonly delayed?: 'wait' | 'leave';
  /** `throw`: rejects with an AggregateError when there are {@link TestApplication.failures}. Default `keep`. */
  readonly failures?: 'keep' | 'throw';
}

const PATIENCE_MS = 5_000;

/** What handlers still running get when a test ends: nobody waits for them, but an orderly stop should not be cut. */
const STOP_MS = 1_000;

const noWaits = { consumer: { retry: { backOff: { initial: 0, max: 0 } } } };

/**
 * Creates and starts an application whose binders, of whatever type, are replaced by binders in memory. Takes what
 * `Millrace.create` takes; without `config` it reads the configuration file of the working directory. The packages of the
 * configured binders need not be installed. Sinks with `workers` run in the thread of the test.
 *
 * ```ts
 * const shop = await testApplication({ components: [Barista], config: 'millrace.yaml' });
 * await shop.emit(Order, order);
 * await shop.settled();
 * expect(await shop.sent(CoffeeReady)).toHaveLength(1);
 * await shop.stop();
 * ```
 *
 * @throws MillraceError as `Millrace.create` and `start` do
 */
export async function testApplication(options: TestApplicationOptions = {}): Promise<TestApplication> {
  const { backOff = 'none', middleware = [], ...rest } = options;
  const binders = new StandInBinders();
  const quiet = new Quiet();
  const sends = new OpenSends(() => quiet.moved());
  const sent = new SentRecords();
  const letters: DeadLetter[] = [];
  const watcher = {
    sent: sent.add.bind(sent),
    deadLettered: (letter: DeadLetter) => void letters.push(letter),
    moved: () => quiet.moved(),
  };
  const application = await Millrace.create({
    logger: false,
    ...rest,
    workers: 'inline',
    overrides: backOff === 'none' ? noWaits : {},
    middleware: [sends.middleware, ...middleware],
    binders: (type) => binders.module(type, watcher),
  });
  binders.provide(application.configuration().binders);
  const failures: Failure[] = [];
  noteFailures(application, (failure) => failures.push(failure));
  const outside = await OutsideProducer.create(application, rest, binders);
  const tested = new TestApplication({ application, outside, binders, quiet, sends, sent, letters, failures });
  try {
    await outside.start();
    await application.start();
    return tested;
  } catch (error) {
    await tested.stop();
    throw error;
  }
}

interface Parts {
  readonly application: Application;
  readonly outside: OutsideProducer;
  readonly binders: StandInBinders;
  readonly quiet: Quiet;
  readonly sends: OpenSends;
  readonly sent: SentRecords;
  readonly letters: DeadLetter[];
  readonly failures: Failure[];
}

/** An application under test, running; made by {@link testApplication}. */
export class TestApplication {
  /** The application itself. */
  readonly app: Application;
  readonly #parts: Parts;

  /** Used by {@link testApplication}. */
  constructor(parts: Parts) {
    this.app = parts.application;
    this.#parts = parts;
  }

  /**
   * Sends as somebody outside would: encoded and validated, with key, partition and headers as configured. Resolves when the
   * broker has the message; the application's middleware is not asked.
   */
  emit<T>(channel: ChannelReference<T>, payload: T | Message<T>, options?: SendOptions): Promise<void> {
    const { outside, sends } = this.#parts;
    return sends.during('emit()', () => outside.emit(channel, payload, options));
  }

  /** Puts foreign bytes on the destination of a channel, or on one by its name. Nothing is checked, no header is added. */
  emitRaw<T>(target: ChannelReference<T> | string, body: Uint8Array | string, options: RawOptions = {}): Promise<void> {
    const { binders, sends } = this.#parts;
    return sends.during('emitRaw()', async () => {
      const place =
        typeof target === 'string'
          ? placeOfDestination(target, options.binder, this.app, binders)
          : placeOfChannel(this.app.source(target).channel.name, this.app);
      await emitRaw(place, body, options, binders);
    });
  }

  /** What the application has sent on the channel, oldest first, decoded from the bytes. What the test emitted is not in it. */
  async sent<T>(channel: ChannelReference<T>): Promise<Message<T>[]> {
    return this.#parts.sent.on(this.app.source(channel).channel, this.app);
  }

  /** What could not be handled, oldest first; of one group, or of all groups of the channel. */
  async deadLetters<T>(channel: ChannelReference<T>, group?: string): Promise<DeadLetterView<T>[]> {
    const token = this.app.source(channel).channel;
    const letters = this.#parts.letters.filter(
      (letter) =>
        letter.binding === `${token.name}/${letter.group ?? '*'}` && (group === undefined || letter.group === group),
    );
    return Promise.all(letters.map((letter) => deadLetterView(letter, token, this.app)));
  }

  /** Every attempt and every poll that failed, oldest first, whatever became of it. */
  failures(): readonly Failure[] {
    return [...this.#parts.failures];
  }

  /**
   * Resolves when nothing more will happen by itself: no message is waiting, in a handler, set aside for a retry or on its
   * way out. Paused and stopped bindings are not waited for.
   *
   * @throws NotQuiet naming what is still busy when the time is over
   */
  async settled(options: SettledOptions = {}): Promise<void> {
    const { timeout = PATIENCE_MS, delayed = 'wait', failures = 'keep' } = options;
    const timeoutMs = parseDuration(timeout);
    if (timeoutMs === undefined) throw new RangeError(`settled: '${timeout}' is not a duration such as 500 or '5s'`);
    const { quiet, sends, binders } = this.#parts;
    await quiet.until(() => [...sends.busy(), ...binders.busy(delayed === 'leave')], timeoutMs);
    if (failures === 'throw' && this.#parts.failures.length > 0) throw failuresError(this.#parts.failures);
  }

  /** Forgets what was sent, dead-lettered and failed so far; bindings and components stay as they are. */
  reset(): void {
    const { sent, letters, failures } = this.#parts;
    sent.clear();
    letters.length = 0;
    failures.length = 0;
  }

  /** The instance of a component, or of anything else in the container. */
  get<T extends object>(component: abstract new (...args: never[]) => T): T {
    return this.app.get(component);
  }

  bindings(): readonly BindingHandle[] {
    return this.app.bindings();
  }

  /** Stops the application and ends its brokers. Default deadline: 1 s. Harmless when called again. */
  async stop(options: StopOptions = { deadlineMs: STOP_MS }): Promise<void> {
    const { outside, binders } = this.#parts;
    await this.app.stop(options);
    // The brokers first: what is still to be emitted is refused, and nobody waits for it.
    await binders.close();
    await outside.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
