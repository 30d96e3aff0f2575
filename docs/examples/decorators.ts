// The code of docs/decorators.md: each region is a snippet there; run by decorators.test.ts.
import { BatchFailed, Channel, channel, Message, Reject, RetryLater, Sink, Source } from '@millrace/core';
import { IsInt, IsString, Min } from 'class-validator';
import { inject, injectable } from 'inversify';

// #region channel
@Channel('orders', { key: (order: Order) => order.customer })
export class Order {
  @IsString() customer!: string;
  @IsString() drink!: string;
  @IsInt() @Min(1) quantity = 1;
}
// #endregion

@Channel('receipts')
export class Receipt {
  @IsString() customer!: string;
  @IsInt() cents!: number;
}

@Channel('coffee-ready')
export class CoffeeReady {
  @IsString() customer!: string;
}

@Channel('heartbeats')
export class Heartbeat {
  @IsInt() beat!: number;
}

@Channel('prices')
export class Price {
  @IsString() drink!: string;
  @IsInt() cents!: number;
}

// In the library of somebody else.
export class Point {
  x = 0;
  y = 0;
}

// #region token
export const OrderCopies = channel('orders.copy', Order); // a second channel of a class
export const Points = channel('points', Point); // a class of somebody else
export const Lines = channel('lines', 'text'); // strings
// #endregion

// #region sink
@injectable()
export class Barista {
  constructor(@Source(CoffeeReady) private readonly ready: Source<CoffeeReady>) {}

  @Sink(Order, { group: 'baristas' })
  async brew(order: Order, message: Message<Order>, signal: AbortSignal): Promise<void> {
    if (order.drink === 'unicorn latte') throw new Reject('nobody here can make that'); // dead letter at once
    if (order.drink === 'cold brew' && message.attempt === 1) throw new RetryLater('50ms', 'not cold yet'); // others go on meanwhile
    await brewed(order.drink, { signal }); // any other throw: called again, then dead letter
    await this.ready.send(Object.assign(new CoffeeReady(), { customer: order.customer }));
  }
}
// #endregion

// #region options
@injectable()
export class Cashier {
  @Sink(Order, {
    group: 'cashiers',
    concurrency: 8,
    ordering: 'key',
    timeout: '30s',
    retry: { maxAttempts: 5, backOff: { initial: '200ms' }, delays: ['1m', '10m'], except: [TypeError] },
    deadLetter: { destination: 'orders.unpaid' },
  })
  async charge(order: Order): Promise<void> {
    charged.push(order.customer);
  }
}
// #endregion

// #region receive
@injectable()
export class Auditor {
  @Sink(Order, { group: 'audit', receive: 'message' })
  audit({ payload, headers, key, delivery }: Message<Order>): void {
    audited.push([payload.drink, headers.tenant, key, delivery?.destination]);
  }
}
// #endregion

// #region batch
@injectable()
export class Warehouse {
  @Sink(Order, { group: 'warehouse', batch: { size: 500, wait: '50ms' } })
  async store(orders: Order[]): Promise<void> {
    const errors = await insertAll(orders); // index → why this one could not be stored
    if (errors.size > 0) throw new BatchFailed(errors); // only these are retried or dead-lettered
  }
}
// #endregion

// #region batch-messages
@injectable()
export class Archive {
  @Sink(Order, { group: 'archive', batch: true, receive: 'message' })
  keep(messages: Message<Order>[], _signal: AbortSignal): void {
    archived.push(...messages.map(({ id }) => id));
  }
}
// #endregion

// #region when
@injectable()
export class Counter {
  @Sink(Order, { group: 'counter', when: (order) => order.drink === 'tea' })
  tea(order: Order): void {
    served.push(`tea for ${order.customer}`);
  }

  @Sink(Order, { group: 'counter', when: (_order, { headers }) => headers.tenant === 'hall' })
  hall(order: Order): void {
    served.push(`the hall for ${order.customer}`);
  }

  @Sink(Order, { group: 'counter' }) // no filter: everything else
  others(order: Order): void {
    served.push(`${order.drink} for ${order.customer}`);
  }
}
// #endregion

// #region broadcast
@injectable()
export class PriceCache {
  readonly cents = new Map<string, number>();

  @Sink(Price, { broadcast: true })
  update(price: Price): void {
    this.cents.set(price.drink, price.cents);
  }
}
// #endregion

// #region property
@injectable()
export class Till {
  @Source(Receipt) readonly receipts!: Source<Receipt>; // set after construction

  async print(customer: string, cents: number): Promise<void> {
    await this.receipts.send(Object.assign(new Receipt(), { customer, cents }));
  }
}
// #endregion

// #region processor
@injectable()
export class Billing {
  @Sink(Order, { group: 'billing' })
  @Source(Receipt)
  bill({ customer, quantity }: Order): Receipt | undefined {
    if (customer === 'staff') return undefined; // nothing is sent, and the order is acknowledged
    return Object.assign(new Receipt(), { customer, cents: quantity * 350 });
  }
}
// #endregion

// #region processor-many
@injectable()
export class Splitter {
  @Sink(Order, { group: 'splitter' })
  @Source(CoffeeReady)
  split({ customer, quantity }: Order): (CoffeeReady | Message<CoffeeReady>)[] {
    const one = Object.assign(new CoffeeReady(), { customer });
    return Array.from({ length: quantity }, (_, cup) => new Message(one, { cup }, { key: customer }));
  }
}
// #endregion

// #region polled
@injectable()
export class Heart {
  private beats = 0;

  @Source(Heartbeat, { every: '5s', initialDelay: 0 })
  beat(): Heartbeat {
    this.beats += 1;
    return Object.assign(new Heartbeat(), { beat: this.beats });
  }
}
// #endregion

// #region shared-channel
export class Payment {
  @IsInt() cents!: number;
}
export class Cancellation {
  @IsString() reason!: string;
}
export const Payments = channel('till', Payment, { type: 'payment' });
export const Cancellations = channel('till', Cancellation, { type: 'cancellation' });

@injectable()
export class Ledger {
  readonly lines: string[] = [];

  @Sink(Payments) paid({ cents }: Payment): void {
    this.lines.push(`+${cents}`);
  }
  @Sink(Cancellations) cancelled({ reason }: Cancellation): void {
    this.lines.push(reason);
  }
}
// #endregion

// #region without-metadata
export class Clock {
  now = (): number => 0;
}

@injectable()
export class Timekeeper {
  constructor(
    @Source(Heartbeat) private readonly heartbeats: Source<Heartbeat>, // found by the channel
    @inject(Clock) private readonly clock: Clock, // found by @inject, not by its type
  ) {}

  async tick(): Promise<void> {
    await this.heartbeats.send(Object.assign(new Heartbeat(), { beat: this.clock.now() }));
  }
}
// #endregion

export const charged: string[] = [];
export const audited: unknown[] = [];
export const archived: unknown[] = [];
export const served: string[] = [];
export const stored: string[] = [];

async function brewed(drink: string, _options: { readonly signal: AbortSignal }): Promise<void> {
  if (drink === 'decaf') throw new Error('out of decaf');
}

async function insertAll(orders: readonly Order[]): Promise<Map<number, Error>> {
  const isBad = ({ drink }: Order): boolean => drink === 'decaf';
  stored.push(...orders.filter((one) => !isBad(one)).map(({ drink }) => drink));
  return new Map(orders.flatMap((one, index) => (isBad(one) ? [[index, new Error('out of decaf')] as const] : [])));
}

export function order(customer: string, drink = 'espresso', quantity = 1): Order {
  return Object.assign(new Order(), { customer, drink, quantity });
}
