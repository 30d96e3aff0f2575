/** The message of every figure: 7 fields, about 195 bytes of JSON; a note makes it larger. Plain, for those who have no classes. */
export interface OrderFields {
  id: string;
  customerId: string;
  drink: string;
  size: string;
  quantity: number;
  price: number;
  placedAt: Date;
  note?: string;
}

export const ORDER_BYTES = 200;

const drinks = [
  'flat white with oat milk',
  'double espresso, short',
  'cappuccino, extra foam',
  'filter coffee of the day',
];
const firstOrderAt = Date.UTC(2026, 0, 1);
const CUSTOMERS = 10_000;
const ID_PREFIX = '3f2c8a4e-51d7-4c0b-9a36-';

/** Fills in the order of that number, the way an application would, so that its cost is in every figure alike. */
export function fill<T extends OrderFields>(order: T, index: number, note?: string): T {
  order.id = ID_PREFIX + String(index % 1_000_000_000_000).padStart(12, '0');
  order.customerId = `customer-${(index % CUSTOMERS) + CUSTOMERS}`;
  order.drink = drinks[index % drinks.length] as string;
  order.size = 'medium';
  order.quantity = (index % 9) + 1;
  order.price = (index % 500) / 100 + 2.5;
  order.placedAt = new Date(firstOrderAt + index * 1_000);
  if (note !== undefined) order.note = note;
  return order;
}

export function plainOrder(index: number, note?: string): OrderFields {
  return fill({} as OrderFields, index, note);
}

/** What makes an order so many bytes of JSON; nothing for the usual size. */
export function noteFor(bytes: number): string | undefined {
  return bytes <= ORDER_BYTES ? undefined : 'x'.repeat(bytes - ORDER_BYTES - '"note":"",'.length);
}

/** The number an order was made with. */
export function indexOf({ id }: { readonly id: string }): number {
  return Number(id.slice(ID_PREFIX.length));
}
