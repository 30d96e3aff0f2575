import { setTimeout as pause } from 'node:timers/promises';
import { type Message, Reject, Sink, Source } from '@millrace/core';
import { inject, injectable } from 'inversify';
import { CoffeeReady } from './coffee-ready';
import { Grinder } from './grinder';
import { Journal } from './journal';
import { Order } from './order';

/** What the container calls the name on a barista's apron. */
export const NAME_TAG = Symbol('name tag');

const CARD = ['espresso', 'flat white', 'cappuccino', 'filter coffee'];
const BREWING_MS = 250;

/** Every barista of the group gets a share of the orders, and makes one drink at a time. */
@injectable()
export class Barista {
  constructor(
    @Source(CoffeeReady) private readonly ready: Source<CoffeeReady>,
    @inject(NAME_TAG) private readonly name: string,
    private readonly grinder: Grinder,
    private readonly journal: Journal,
  ) {}

  @Sink(Order, { group: 'baristas' })
  async brew(order: Order, message: Message<Order>, signal: AbortSignal): Promise<void> {
    // Nobody learns a recipe by trying again: refused at once, kept in the dead letter.
    if (!CARD.includes(order.drink)) throw new Reject(`nobody here can make a ${order.drink}`);
    // A jammed grinder throws; the order is tried again after a while, and others get made meanwhile.
    this.grinder.grind(order);
    await pause(BREWING_MS, undefined, { signal });
    this.journal.write({ kind: 'brewed', order, barista: this.name, attempt: message.attempt });
    // The order is acknowledged only after this: a coffee that was not announced is made again.
    await this.ready.send(CoffeeReady.of(order, this.name));
  }
}
