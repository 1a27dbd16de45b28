import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import type { Tx } from '../../../kernel/tx';
import type { Payable, Payee, RecipientRef, ResolvedRecipient } from '../contract';
import { type Refreshed, RefreshCapabilities } from './refresh-capabilities';
import { ConnectedAccountStore, RecipientReadStore } from './ports';

/** The entry point for other modules. */
@Injectable()
export class Recipients {
  constructor(
    private readonly recipients: RecipientReadStore,
    private readonly connected: ConnectedAccountStore,
    private readonly refreshCapabilities: RefreshCapabilities,
  ) {}

  /** In the order of `refs`, null for an unknown one. One statement, for up to 5,000 references. */
  resolve(tx: Tx, refs: readonly RecipientRef[]): Promise<(ResolvedRecipient | null)[]> {
    return this.recipients.resolve(tx, refs);
  }

  /** Where each of them is paid, as last read at the provider. Unknown ids are left out. */
  payableOf(tx: Tx, ids: readonly string[]): Promise<Map<string, Payable>> {
    return this.recipients.payableOf(tx, ids);
  }

  /** Current data, which a payout copies. Unknown ids are left out. One statement. */
  payees(tx: Tx, ids: readonly string[]): Promise<Map<string, Payee>> {
    return this.recipients.payees(tx, ids);
  }

  /**
   * Transfers wait for these recipients: their accounts are read at least hourly until the capability is active;
   * then `recipient.payable` is published.
   */
  watch(tx: Tx, ids: readonly string[]): Promise<void> {
    return this.connected.watch(tx, ids);
  }

  /** Outside any transaction, because it reads the accounts at the provider. */
  refreshAtProvider(tenant: TenantId, ids: readonly string[]): Promise<Refreshed> {
    return this.refreshCapabilities.execute(tenant, ids);
  }
}
