import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { isUniqueViolation, sql } from '../../../../platform/database';
import { ConnectedAccountStore, type WatchedAccount } from '../../application/ports';
import type { ConnectedAccount } from '../../domain/connected-account';
import { ConnectedAccountTaken } from '../../domain/errors';
import * as statements from './sql/connected-accounts.sql';

@Injectable()
export class PostgresConnectedAccountStore extends ConnectedAccountStore {
  constructor(private readonly uow: UnitOfWork) {
    super();
  }

  async byRecipients(tx: Tx, recipientIds: readonly string[]): Promise<ConnectedAccount[]> {
    return (await sql(tx).rows(statements.findByRecipients(recipientIds))).map(accountOf);
  }

  async byStripeAccounts(
    tx: Tx,
    railAccountId: string,
    stripeAccountIds: readonly string[],
  ): Promise<ConnectedAccount[]> {
    return (await sql(tx).rows(statements.findByStripeAccounts(railAccountId, stripeAccountIds))).map(
      accountOf,
    );
  }

  async lock(tx: Tx, recipientIds: readonly string[]): Promise<ConnectedAccount[]> {
    return (await sql(tx).rows(statements.lockAccounts(recipientIds))).map(accountOf);
  }

  async put(tx: Tx, account: ConnectedAccount): Promise<void> {
    try {
      await sql(tx).count(statements.putAccount(this.uow.tenantOf(tx), account));
    } catch (error) {
      throw isUniqueViolation(error, 'connected_accounts_stripe_account')
        ? new ConnectedAccountTaken()
        : error;
    }
  }

  async saveReadings(tx: Tx, accounts: readonly ConnectedAccount[]): Promise<void> {
    if (accounts.length) await sql(tx).count(statements.saveReadings(accounts));
  }

  async recordChange(
    tx: Tx,
    account: ConnectedAccount,
    previous: string | null,
    actor: string,
  ): Promise<void> {
    await sql(tx).count(statements.insertAccountChange(this.uow.tenantOf(tx), account, previous, actor));
  }

  async watch(tx: Tx, recipientIds: readonly string[]): Promise<void> {
    if (recipientIds.length) await sql(tx).count(statements.watchAccounts(recipientIds));
  }

  async unreadSince(
    tx: Tx,
    since: Date,
    tenant: TenantId | null,
    perTenantMax: number,
  ): Promise<WatchedAccount[]> {
    const rows = await sql(tx).rows(statements.findUnreadSince(since, tenant, perTenantMax));
    return rows.map((row) => ({ tenantId: row.tenant_id, recipientId: row.recipient_id }));
  }
}

function accountOf(row: statements.ConnectedAccountRow): ConnectedAccount {
  return {
    recipientId: row.recipient_id,
    stripeAccountId: row.stripe_account_id,
    railAccountId: row.rail_account_id,
    transfersCapability: row.transfers_capability,
    checkedAt: row.checked_at,
    watched: row.watched,
    version: row.version,
  };
}
