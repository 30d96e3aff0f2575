// What an application writes that has no framework, each line awaited as a consumer loop would.
import { instanceToPlain, plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { Workload } from '../measure/workload';
import { Order, orderOf } from '../orders/order';

/** Reads the order, so that nothing can leave it out; that is all the handler of any figure does. */
async function handle(order: Order): Promise<void> {
  if (order.quantity < 1) throw new Error('an order of nothing');
}

/** JSON and a call: no class, no check. */
export function raw(): Workload {
  return eachOrder(async (order) => {
    const bytes = Buffer.from(JSON.stringify(order));
    await handle(JSON.parse(bytes.toString()) as Order);
  });
}

/** Class → bytes → class, checked on receipt. */
export function byHand(): Workload {
  return eachOrder(async (order) => {
    await handle(checked(read(write(order))));
  });
}

/** The same, checked before it is written as well: what Millrace does. */
export function byHandCheckedTwice(): Workload {
  return eachOrder(async (order) => {
    await handle(checked(read(write(checked(order)))));
  });
}

export function byHandUnchecked(): Workload {
  return eachOrder(async (order) => {
    await handle(read(write(order)));
  });
}

/** Checked on receipt, and the result written out again. */
export function byHandProcessor(): Workload {
  return eachOrder(async (order) => {
    const received = checked(read(write(order)));
    await handle(received);
    write(received);
  });
}

function eachOrder(work: (order: Order) => Promise<void>): Workload {
  return {
    run: async (messages) => {
      for (let index = 0; index < messages; index += 1) await work(orderOf(index));
      return undefined;
    },
    close: async () => undefined,
  };
}

function write(order: Order): Buffer {
  return Buffer.from(JSON.stringify(instanceToPlain(order)));
}

function read(bytes: Buffer): Order {
  return plainToInstance(Order, JSON.parse(bytes.toString()) as object);
}

function checked(order: Order): Order {
  const errors = validateSync(order);
  if (errors.length > 0) throw new Error(`invalid order: ${errors.join('; ')}`);
  return order;
}
