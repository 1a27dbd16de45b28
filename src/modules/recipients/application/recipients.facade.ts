import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import type { Tx } from '../../../kernel/tx';
import type { Payable, Payee, RecipientRef, ResolvedRecipient } from '../contract';
import { type Refreshed, RefreshCapabilities } from './refresh-capabilities';
import { ConnectedAccountStore, RecipientReadStore } from './ports';

/** What the modules above may ask about the people they pay. */
@Injectable()
export class Recipients {
  constructor(
    private readonly recipients: RecipientReadStore,
    private readonly connected: ConnectedAccountStore,
    private readonly refreshCapabilities: RefreshCapabilities,
  ) {}

  /** In the order of the question, null for what is not known. One statement, for up to 5,000 references. */
  resolve(tx: Tx, refs: readonly RecipientRef[]): Promise<(ResolvedRecipient | null)[]> {
    return this.recipients.resolve(tx, refs);
  }

  /** Where each of them is paid, as last read at the provider. Unknown ids are left out. */
  payableOf(tx: Tx, ids: readonly string[]): Promise<Map<string, Payable>> {
    return this.recipients.payableOf(tx, ids);
  }

  /** As they are now, for a payout that keeps what it was told. Unknown ids are left out. One statement. */
  payees(tx: Tx, ids: readonly string[]): Promise<Map<string, Payee>> {
    return this.recipients.payees(tx, ids);
  }

  /**
   * Somebody waits for these recipients, whatever we last read of them: they are read again at least hourly
   * until the provider says active, and then told as recipient.payable.
   */
  watch(tx: Tx, ids: readonly string[]): Promise<void> {
    return this.connected.watch(tx, ids);
  }

  /** Reads their accounts at the provider now: outside any transaction. */
  refreshAtProvider(tenant: TenantId, ids: readonly string[]): Promise<Refreshed> {
    return this.refreshCapabilities.execute(tenant, ids);
  }
}
