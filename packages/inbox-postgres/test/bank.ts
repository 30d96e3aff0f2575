// The code of docs/idempotent-sinks.md: each region is a snippet there; run by bank.test.ts.
import { type Application, Channel, Millrace, Sink, Source } from '@millrace/core';
import { PostgresInbox } from '@millrace/inbox-postgres';
import { IsInt, IsString } from 'class-validator';
import { Container, inject, injectable } from 'inversify';
import type { Pool } from 'pg';

// #region ledger
@Channel('payments')
export class Payment {
  @IsString() account!: string;
  @IsInt() cents!: number;
}

@Channel('receipts')
export class Receipt {
  @IsString() account!: string;
}

@injectable()
export class Ledger {
  constructor(@inject(PostgresInbox) private readonly inbox: PostgresInbox) {}

  @Sink(Payment, { group: 'ledger', idempotent: true })
  @Source(Receipt)
  async book({ account, cents }: Payment): Promise<Receipt> {
    await this.inbox.transaction.query('UPDATE accounts SET cents = cents + $2 WHERE id = $1', [account, cents]);
    return Object.assign(new Receipt(), { account });
  }
}
// #endregion

// #region run
export async function bank(pool: Pool): Promise<Application> {
  const inbox = new PostgresInbox({ pool });
  const container = new Container();
  container.bind(PostgresInbox).toConstantValue(inbox);
  return Millrace.run({ components: [Ledger], container, inbox });
}
// #endregion

// #region message-id
@Channel('invoices')
export class Invoice {
  @IsString() number!: string;
}

@injectable()
export class Archive {
  readonly kept: string[] = [];

  /** Others send these, and give them no id of ours. */
  @Sink(Invoice, { idempotent: { window: '14d' }, messageId: (invoice) => invoice.number })
  keep(invoice: Invoice): void {
    this.kept.push(invoice.number);
  }
}
// #endregion

// #region send-again
export async function pay(app: Application, payment: Payment, order: string): Promise<void> {
  const send = (): Promise<void> => app.send(Payment, payment, { id: `payment of ${order}` });
  // The first one may have arrived, though nobody knows.
  await send().catch(send);
}
// #endregion
