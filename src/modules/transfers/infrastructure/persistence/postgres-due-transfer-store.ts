import { Injectable } from '@nestjs/common';
import { type TenantId, tenantIdOf } from '../../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { sql } from '../../../../platform/database';
import { type DueAccount, DueTransferStore, type WaitingTransfer } from '../../application/ports';
import {
  type AccountRow,
  findAmbiguousAccounts,
  findDueAccounts,
  findWaitingAccounts,
} from './sql/find-due-accounts.sql';
import { findBlockedTransfers, findWaitingForFunds } from './sql/find-waiting-transfers.sql';

@Injectable()
export class PostgresDueTransferStore extends DueTransferStore {
  constructor(private readonly uow: UnitOfWork) {
    super();
  }

  async dueAccounts(tx: Tx, limit: number): Promise<DueAccount[]> {
    return accountsOf(await sql(tx).rows(findDueAccounts(limit)));
  }

  async ambiguousAccounts(tx: Tx, tenants: readonly TenantId[]): Promise<DueAccount[]> {
    return accountsOf(await sql(tx).rows(findAmbiguousAccounts(tenants)));
  }

  async waitingAccounts(tx: Tx, limit: number): Promise<DueAccount[]> {
    return accountsOf(await sql(tx).rows(findWaitingAccounts(limit)));
  }

  async waitingForFunds(
    tx: Tx,
    railAccountId: string,
    currency: string,
    limit: number,
  ): Promise<WaitingTransfer[]> {
    const rows = await sql(tx).rows(
      findWaitingForFunds(this.uow.tenantOf(tx), railAccountId, currency, limit),
    );
    return rows.map((row) => ({ id: row.id, amountMinor: row.amount_minor }));
  }

  async blockedOn(tx: Tx, recipientIds: readonly string[]): Promise<string[]> {
    const rows = await sql(tx).rows(findBlockedTransfers(this.uow.tenantOf(tx), recipientIds));
    return rows.map(({ id }) => id);
  }
}

function accountsOf(rows: readonly AccountRow[]): DueAccount[] {
  return rows.map((row) => ({ tenant: tenantIdOf(row.tenant_id), railAccountId: row.rail_account_id }));
}
