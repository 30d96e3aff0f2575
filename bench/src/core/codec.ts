// Orders to bytes and back: by Millrace's codec, by code somebody wrote for this class alone, and by JSON without class or check.
import { channel } from '@millrace/core';
import { builtInCodecs } from '../../../packages/core/dist/codec/built-in-codecs';
import { CodecRegistry } from '../../../packages/core/dist/codec/codec-registry';
import type { Workload } from '../measure/workload';
import { Order, orderOf } from '../orders/order';

/** Enough of them that no cache knows them all by heart. */
const ORDERS = 1_024;

const codecs = new CodecRegistry(builtInCodecs);
const Orders = channel('orders', Order) as unknown as Parameters<CodecRegistry['decode']>[1];
const contentType = 'application/json';
const headers = Object.freeze({ contentType });

const orders = Array.from({ length: ORDERS }, (_, index) => orderOf(index));
const bodies = orders.map((order) => Buffer.from(JSON.stringify(order)));

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
const sizes = ['small', 'medium', 'large'];

export const decode = (): Workload =>
  eachOf(bodies, (body) => codecs.decode(body, Orders, headers, undefined) as Order);
export const decodeByHand = (): Workload =>
  eachOf(bodies, (body) => checked(built(JSON.parse(body.toString()) as Order)));
export const parse = (): Workload => eachOf(bodies, (body) => JSON.parse(body.toString()) as Order);

export const encode = (): Workload =>
  eachOf(orders, (order) => codecs.encode(order, Orders, headers, contentType) as Uint8Array);
export const encodeByHand = (): Workload => eachOf(orders, (order) => Buffer.from(JSON.stringify(checked(order))));
export const stringify = (): Workload => eachOf(orders, (order) => Buffer.from(JSON.stringify(order)));

function built(plain: Order): Order {
  const order = new Order();
  order.id = plain.id;
  order.customerId = plain.customerId;
  order.drink = plain.drink;
  order.size = plain.size;
  order.quantity = plain.quantity;
  order.price = plain.price;
  order.placedAt = new Date(plain.placedAt);
  return order;
}

/** The rules of the order, in code. */
function checked(order: Order): Order {
  const { id, customerId, drink, size, quantity, price, placedAt } = order;
  const isValid =
    typeof id === 'string' &&
    uuid.test(id) &&
    typeof customerId === 'string' &&
    customerId.length >= 1 &&
    customerId.length <= 40 &&
    typeof drink === 'string' &&
    sizes.includes(size) &&
    Number.isInteger(quantity) &&
    quantity >= 1 &&
    quantity <= 100 &&
    Number.isFinite(price) &&
    price > 0 &&
    placedAt instanceof Date &&
    !Number.isNaN(placedAt.getTime());
  if (!isValid) throw new Error('invalid order');
  return order;
}

/** Keeps something of each result, so that nothing can be left out. */
function eachOf<T>(all: readonly T[], work: (one: T) => object): Workload {
  return {
    run: async (messages) => {
      let kept: object = all;
      for (let index = 0; index < messages; index += 1) {
        const result = work(all[index % ORDERS] as T);
        if (result !== kept) kept = result;
      }
      if (kept === all) throw new Error('nothing was done');
      return undefined;
    },
    close: async () => undefined,
  };
}
