import { join } from 'node:path';
import { type Application, Millrace } from '@millrace/core';
import { Container } from 'inversify';
import { Accounting } from './accounting';
import { Catalogue } from './catalogue';
import { Deliveries, INSTANCE } from './deliveries';
import { PriceCache } from './price-cache';
import { ShopWindow } from './shop-window';

/** Every instance runs the same classes: it is the same application, started several times. */
export const components = [Catalogue, ShopWindow, Accounting, PriceCache];

/** The path of a configuration of this sample; its files stand beside the package, wherever that is run from. */
export function configuration(file: string): string {
  return join(__dirname, '..', file);
}

interface Instance {
  readonly application: Application;
  readonly catalogue: Catalogue;
  readonly cache: PriceCache;
}

/** The instances of the application, as they would run on several machines. Where they meet, their configuration knows. */
export class Company {
  readonly deliveries = new Deliveries();
  readonly #config: string;
  readonly #instances = new Map<string, Instance>();

  constructor(config: string) {
    this.#config = config;
  }

  get names(): string[] {
    return [...this.#instances.keys()];
  }

  async open(name: string): Promise<void> {
    const container = new Container();
    container.bind(INSTANCE).toConstantValue(name);
    container.bind(Deliveries).toConstantValue(this.deliveries);
    const application = await Millrace.run({ components, container, config: this.#config });
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
  }
}
