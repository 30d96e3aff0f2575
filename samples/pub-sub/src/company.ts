import { join } from 'node:path';
import { MemoryBroker, memoryBinder } from '@millrace/binder-memory';
import { type Application, Millrace } from '@millrace/core';
import { Container } from 'inversify';
import { Accounting } from './accounting';
import { Catalogue } from './catalogue';
import { Deliveries, INSTANCE } from './deliveries';
import { PriceCache } from './price-cache';
import { ShopWindow } from './shop-window';

/** Every instance runs the same classes: it is the same application, started several times. */
export const components = [Catalogue, ShopWindow, Accounting, PriceCache];

/** Beside the package and not in the working directory, so that the sample runs from anywhere. */
export const CONFIG = join(__dirname, '..', 'millrace.yaml');

interface Instance {
  readonly application: Application;
  readonly catalogue: Catalogue;
  readonly cache: PriceCache;
}

/** The instances of the application, as they would run on several machines. */
export class Company {
  readonly deliveries = new Deliveries();
  readonly #instances = new Map<string, Instance>();
  // They share this process, so they are given one broker to meet at. A broker of its own process needs no such line.
  readonly #broker = new MemoryBroker();

  get names(): string[] {
    return [...this.#instances.keys()];
  }

  async open(name: string): Promise<void> {
    const container = new Container();
    container.bind(INSTANCE).toConstantValue(name);
    container.bind(Deliveries).toConstantValue(this.deliveries);
    const binders = [memoryBinder(this.#broker)];
    const application = await Millrace.create({ components, container, config: CONFIG, binders });
    await application.start();
    this.#instances.set(name, {
      application,
      catalogue: application.get(Catalogue),
      cache: application.get(PriceCache),
    });
  }

  instance(name: string): Instance {
    const instance = this.#instances.get(name);
    if (instance === undefined) throw new Error(`there is no instance '${name}'`);
    return instance;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#instances.values()].map(({ application }) => application.stop()));
    await this.#broker.close();
  }
}
