import { join } from 'node:path';
import { type Application, type ApplicationOptions, Millrace } from '@millrace/core';
import { Container } from 'inversify';
import { Barista, NAME_TAG } from './barista';
import { Buzzer } from './buzzer';
import { Customer } from './customer';
import { Grinder } from './grinder';
import { Journal } from './journal';
import { Manager } from './manager';
import { Printer } from './printer';

type Components = NonNullable<ApplicationOptions['components']>;

const ROUND = [
  ['Mia', 'flat white'],
  ['Lena', 'espresso'],
  ['Theo', 'cappuccino'],
  ['Zoe', 'unicorn latte'],
  ['Noah', 'filter coffee'],
  ['Kai', 'flat white'],
  ['Mia', 'espresso'],
  ['Ines', 'cappuccino'],
  ['Theo', 'espresso'],
  ['Lena', 'flat white'],
  ['Noah', 'espresso'],
  ['Ines', 'filter coffee'],
] as const;

/** The path of a configuration of this sample; its files stand beside the package, wherever that is run from. */
export function configuration(file: string): string {
  return join(__dirname, '..', file);
}

/**
 * One day in the shop: three applications, as they would run on three machines. Each barista is one, and the two are members
 * of the group `baristas`; the counter is the third. Resolves when everybody was served and everything is closed. Which broker
 * they meet at stands in the configuration, and nowhere in here.
 */
export async function runShop(config: string, output: (line: string) => void, isColoured = false): Promise<Journal> {
  const printer = new Printer(output, isColoured);
  const journal = new Journal(printer.entry);
  const shop = new Container();
  shop.bind(Journal).toConstantValue(journal);
  shop.bind(Grinder).toConstantValue(new Grinder());

  const open = (components: Components, container = new Container({ parent: shop })): Promise<Application> =>
    Millrace.run({ components, container, config });
  const hire = async (name: string): Promise<Application> => {
    const container = new Container({ parent: shop });
    container.bind(NAME_TAG).toConstantValue(name);
    const application = await open([Barista], container);
    noteRetries(application, name, journal);
    return application;
  };

  const opening = [open([Customer, Buzzer, Manager]), hire('Ada'), hire('Ben')] as const;
  try {
    const [counter, ...baristas] = await Promise.all(opening);
    printer.opening([counter, ...baristas]);
    await placeOrders(counter.get(Customer), journal);
    await journal.answered();
  } finally {
    const opened = await Promise.allSettled(opening);
    await Promise.all(opened.map((one) => one.status === 'fulfilled' && one.value.stop()));
  }
  printer.sum(journal);
  return journal;
}

/** Retrying is Millrace's work; the barista's code has no part in it. Its events tell. */
function noteRetries(application: Application, barista: string, journal: Journal): void {
  application.events.on('retry', ({ attempt, delayMs, error }) => {
    const reason = error instanceof Error ? error.message : String(error);
    journal.write({ kind: 'jammed', barista, attempt, delayMs, reason });
  });
}

/** All at once: who has ordered does not stand in line. */
async function placeOrders(customer: Customer, journal: Journal): Promise<void> {
  const startedAt = performance.now();
  await Promise.all(ROUND.map(([name, drink], index) => customer.order(index + 1, name, drink)));
  journal.write({ kind: 'seated', orders: ROUND.length, tookMs: performance.now() - startedAt });
}
