import { Company } from './company';
import { PriceChanged } from './price-changed';
import { Table } from './table';

const MORNING = [PriceChanged.of(1, 'tea', 260), PriceChanged.of(2, 'coffee', 310), PriceChanged.of(3, 'cake', 420)];
const AFTERNOON = [PriceChanged.of(4, 'tea', 280), PriceChanged.of(5, 'milk', 150), PriceChanged.of(6, 'soup', 650)];

/** In the morning two instances are open, in the afternoon three. Resolves when everybody has heard of every change. */
export async function runDay(config: string, output: (line: string) => void, isColoured = false): Promise<Company> {
  const company = new Company(config);
  const table = new Table(company, output, isColoured);
  try {
    await company.open('north');
    await company.open('south');
    table.opening();
    table.headline('north and south are open; north changes three prices');
    await announce(MORNING, 'north', company, table);
    await company.open('east');
    table.headline('east opens, too; south changes three more');
    await announce(AFTERNOON, 'south', company, table);
  } finally {
    await company.close();
  }
  table.sum();
  return company;
}

async function announce(changes: readonly PriceChanged[], name: string, company: Company, table: Table): Promise<void> {
  for (const change of changes) await company.instance(name).catalogue.announce(change);
  await company.deliveries.complete(changes, company.names);
  table.rows(changes);
}
