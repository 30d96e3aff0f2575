import { Source } from '@millrace/core';
import { injectable } from 'inversify';
import { Order } from './messages';

/** Sends orders. As a component it has its binding before any consumer has one, so that it decides on the partitions. */
@injectable()
export class OrderDesk {
  @Source(Order) readonly orders!: Source<Order>;
}
