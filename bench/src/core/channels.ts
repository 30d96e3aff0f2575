import { channel } from '@millrace/core';
import { Order } from '../orders/order';

export const Orders = channel('orders', Order);
export const Bills = channel('bills', Order);
export const OrdersUnchecked = channel('orders.unchecked', Order, { validate: false });
