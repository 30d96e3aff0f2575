import { join } from 'node:path';
import { type Application, Millrace } from '@millrace/core';
import { Converter } from './converter';
import { Office } from './office';
import { readings, Stations } from './stations';

export const components = [Stations, Converter, Office];

/** What came out, and over which brokers it went. */
export interface Report {
  readonly office: Office;
  readonly routes: readonly Route[];
}

export interface Route {
  readonly binding: string;
  readonly direction: 'producer' | 'consumer';
  readonly destination: string;
  readonly binder: string;
}

/** The path of a configuration of this sample; its files stand beside the package, wherever that is run from. */
export function configuration(file: string): string {
  return join(__dirname, '..', file);
}

/** Runs the application with a configuration until every reading is answered. Nothing in here depends on which. */
export async function runWeather(config: string): Promise<Report> {
  const application = await Millrace.run({ components, config });
  try {
    const office = application.get(Office);
    await application.get(Stations).report();
    await office.answered(readings.length);
    return { office, routes: routesOf(application) };
  } finally {
    await application.stop();
  }
}

function routesOf(application: Application): Route[] {
  return application.bindings().map(({ name, direction, destinations, binder }) => ({
    binding: name,
    direction,
    destination: destinations.join(', '),
    binder,
  }));
}
