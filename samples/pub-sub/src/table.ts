import { styleText } from 'node:util';
import type { Company } from './company';
import type { Receiver } from './deliveries';
import type { PriceChanged } from './price-changed';

const PRICE_WIDTH = 18;
const GROUP_WIDTH = 14;

/** Shows price changes as lines and their receivers as columns. */
export class Table {
  readonly #company: Company;
  readonly #output: (line: string) => void;
  readonly #isColoured: boolean;

  constructor(company: Company, output: (line: string) => void, isColoured: boolean) {
    this.#company = company;
    this.#output = output;
    this.#isColoured = isColoured;
  }

  /** Which binder carries the prices. */
  opening(): void {
    const bindings = this.#company.names.flatMap((name) => this.#company.instance(name).application.bindings());
    this.#output(`price changes on ${[...new Set(bindings.map(({ binder }) => binder))].join(', ')}`);
    this.#output('');
  }

  headline(text: string): void {
    const names = [
      'new price'.padEnd(PRICE_WIDTH),
      'shop window'.padEnd(GROUP_WIDTH),
      'accounting'.padEnd(GROUP_WIDTH),
      'caches',
    ];
    this.#output(text);
    this.#output(this.#paint('dim', `  ${names.join('')}`));
  }

  rows(changes: readonly PriceChanged[]): void {
    for (const change of changes) {
      const price = `${change.number}  ${change.article.padEnd(8)}${(change.cents / 100).toFixed(2)}`;
      const who = (receiver: Receiver): string => this.#company.deliveries.instances(receiver, change).join(', ');
      const groups = who('shop window').padEnd(GROUP_WIDTH) + who('accounting').padEnd(GROUP_WIDTH);
      const caches = this.#paint('green', who('cache'));
      this.#output(`  ${price.padEnd(PRICE_WIDTH)}${this.#paint('cyan', groups)}${caches}`);
    }
    this.#output('');
  }

  /** The day in numbers. */
  sum(): void {
    const { deliveries, names } = this.#company;
    const copies = (receiver: Receiver): number => deliveries.all.filter((one) => one.receiver === receiver).length;
    const known = names.map((name) => `${name} ${this.#company.instance(name).cache.prices.size}`);
    const changes = new Set(deliveries.all.map(({ change }) => change.number));
    this.#output(`${changes.size} price changes`);
    this.#output(`  one copy for each group: shop window ${copies('shop window')}, accounting ${copies('accounting')}`);
    this.#output(`  one copy for each open instance: ${copies('cache')} to the caches`);
    this.#output(`  articles in the caches: ${known.join(', ')}, which was not there in the morning`);
  }

  #paint(style: 'cyan' | 'dim' | 'green', text: string): string {
    return this.#isColoured ? styleText(style, text) : text;
  }
}
