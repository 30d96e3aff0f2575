import { type Application, type ApplicationOptions, Millrace, type StopOptions } from '@millrace/core';
import { Container } from 'inversify';
import { now } from '../ledger/entry';
import { Ledger } from '../ledger/ledger';
import { ledgerFile } from '../ledger/ledger-reader';
import { Audience } from './audience';
import { type Role, roleOf, roles } from './role';
import { PACE, type Pace, Shipper } from './shipper';
import { Witness } from './witness';

/** Who somebody is, in one of its lives. */
export interface MemberTask {
  /** `worker-2` */
  readonly name: string;
  /** From 1; a restart begins the next. */
  readonly life: number;
  /** Where the ledgers of the run are. */
  readonly folder: string;
  /** Path of the configuration: the only place that names a binder. */
  readonly config: string;
  /** Parcels a second, for a producer. */
  readonly perSecond: number;
  /** Keys of a producer. */
  readonly keys: number;
}

/** A Millrace application that writes down what happens to it. */
export class Member {
  readonly #app: Application;
  readonly #ledger: Ledger;
  readonly #role: Role;
  readonly #stopping = new AbortController();
  #audience: Audience | undefined;
  #shipping: Promise<void> = Promise.resolve();

  private constructor(app: Application, ledger: Ledger, role: Role) {
    this.#app = app;
    this.#ledger = ledger;
    this.#role = role;
    this.#listen();
  }

  static async open(task: MemberTask, binders: ApplicationOptions['binders'] = []): Promise<Member> {
    const ledger = new Ledger(ledgerFile(task.folder, task.name, task.life));
    const container = new Container();
    container.bind(Ledger).toConstantValue(ledger);
    container.bind(Witness).toConstantValue(new Witness(ledger));
    container.bind<Pace>(PACE).toConstantValue({ perSecond: task.perSecond, keys: keysOf(task) });
    const role = roleOf(task.name);
    const app = await Millrace.create({ components: roles[role], container, config: task.config, binders });
    return new Member(app, ledger, role);
  }

  get ledger(): Ledger {
    return this.#ledger;
  }

  async start(): Promise<void> {
    await this.#app.start();
    this.#ledger.write({ at: now(), what: 'running' });
    if (this.#role === 'archivist') this.#audience = this.#app.get(Audience);
    if (this.#role === 'producer') this.#shipping = this.#app.get(Shipper).ship(this.#stopping.signal);
  }

  /** Drains, and has every send answered. */
  async stop(options?: StopOptions): Promise<void> {
    this.#ledger.write({ at: now(), what: 'ending' });
    this.#stopping.abort();
    await this.#app.stop(options);
    await this.#shipping;
    this.tellHeard();
    this.#ledger.write({ at: now(), what: 'ended' });
    await this.#ledger.close();
  }

  tellHeard(): void {
    const count = this.#audience?.heard() ?? 0;
    if (count > 0) this.#ledger.write({ at: now(), what: 'heard', count });
  }

  #listen(): void {
    const { events } = this.#app;
    events.on('retry', ({ binding, messageId, error }) => {
      const group = binding.split('/')[1] ?? '';
      this.#ledger.write({ at: now(), what: 'retried', group, id: messageId ?? 'none', why: String(error) });
    });
    events.on('delivery', ({ binding, messageId, outcome }) => {
      if (outcome !== 'ack') return;
      this.#ledger.write({ at: now(), what: 'settled', group: binding.split('/')[1] ?? '', id: messageId ?? 'none' });
    });
    events.on('deadLetter', ({ binding, messageId, written, error }) => {
      const group = binding.split('/')[1] ?? '';
      const id = messageId ?? 'none';
      this.#ledger.write({ at: now(), what: 'dead', group, id, isWritten: written, why: String(error) });
    });
    events.on('binding', ({ binding, trouble }) => {
      this.#ledger.write({ at: now(), what: 'trouble', binding, why: trouble?.message });
    });
  }
}

/** No other producer, and no other life of this one, sends under these: each key has one writer. */
function keysOf({ name, life, keys }: MemberTask): string[] {
  return Array.from({ length: keys }, (_, index) => `${name}.${life}:${index + 1}`);
}
