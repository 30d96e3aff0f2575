import { styleText } from 'node:util';
import type { Application } from '@millrace/core';
import type { Entry, Journal } from './journal';

type Colour = 'blue' | 'cyan' | 'dim' | 'green' | 'red' | 'yellow';
type Row = readonly [colour: Colour, symbol: string, who: string, did: string, what: string];

/** Writes journal entries as aligned lines: when, who, what. */
export class Printer {
  #openedAt = performance.now();
  readonly #output: (line: string) => void;
  readonly #isColoured: boolean;

  constructor(output: (line: string) => void, isColoured: boolean) {
    this.#output = output;
    this.#isColoured = isColoured;
  }

  /** Which binder carries each channel. The clock begins here. */
  opening(applications: readonly Application[]): void {
    this.#openedAt = performance.now();
    const bindings = applications.flatMap((application) => application.bindings());
    const carriers = new Map(bindings.map(({ name, binder }) => [name.split('/')[0], binder]));
    this.#output(`  ${[...carriers].map(([channel, binder]) => `${channel} on ${binder}`).join(', ')}`);
    this.#output('');
  }

  readonly entry = (entry: Entry): void => {
    const [colour, symbol, who, did, what] = rowOf(entry);
    const time = this.#paint('dim', seconds(performance.now() - this.#openedAt).padStart(8));
    this.#output(
      `${time}  ${this.#paint(colour, symbol)} ${who.padEnd(8)} ${this.#paint(colour, did.padEnd(10))} ${what}`,
    );
  };

  sum(journal: Journal): void {
    this.#output('');
    for (const line of summaryOf(journal)) this.#output(`  ${line}`);
  }

  #paint(colour: Colour, text: string): string {
    return this.#isColoured ? styleText(colour, text) : text;
  }
}

function rowOf(entry: Entry): Row {
  switch (entry.kind) {
    case 'ordered':
      return ['blue', '→', entry.order.customer, 'orders', ticket(entry.order)];
    case 'seated':
      return ['dim', '·', 'everyone', 'sits down', `${entry.orders} orders taken in ${Math.ceil(entry.tookMs)} ms`];
    case 'jammed':
      return [
        'yellow',
        '↻',
        entry.barista,
        'retries',
        `${entry.reason}: attempt ${entry.attempt} failed, next in ${seconds(entry.delayMs)}`,
      ];
    case 'brewed':
      return [
        'cyan',
        '●',
        entry.barista,
        'brews',
        `${ticket(entry.order)}${entry.attempt > 1 ? `, attempt ${entry.attempt}` : ''}`,
      ];
    case 'buzzed':
      return [
        'green',
        '♪',
        entry.ready.customer,
        'collects',
        `${ticket(entry.ready)}, after ${seconds(entry.waitedMs)}`,
      ];
    case 'refused':
      return ['red', '✗', entry.order.customer, 'is refused', `${ticket(entry.order)}: ${entry.reason}`];
  }
}

/** The day in numbers. */
function summaryOf(journal: Journal): string[] {
  const brewed = journal.all('brewed');
  const names = [...new Set(brewed.map(({ barista }) => barista))].sort();
  const shares = names.map((name) => `${name} ${brewed.filter(({ barista }) => barista === name).length}`);
  return [
    `${journal.all('ordered').length} orders: ${journal.all('buzzed').length} coffees, ${journal.all('refused').length} in the dead letter`,
    `brewed by ${shares.join(', ')}`,
    `${journal.all('jammed').length} grinder jams, retried`,
  ];
}

function ticket({ ticket, drink }: { readonly ticket: number; readonly drink: string }): string {
  return `#${String(ticket).padEnd(2)} ${drink}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
