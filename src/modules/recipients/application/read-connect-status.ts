import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import type { CapabilityReading } from '../domain/connected-account';
import { RecipientUnknown } from '../domain/errors';
import {
  type ConnectedAccount,
  ConnectedAccountStore,
  type ProviderAccountState,
  RecipientReadStore,
} from './ports';
import { RefreshCapabilities } from './refresh-capabilities';

export interface ConnectStatus {
  readonly reading: CapabilityReading;
  /** Null when the account no longer exists, or is no longer connected to the tenant's account. */
  readonly state: ProviderAccountState | null;
}

/** Reads the onboarding status of a recipient at Stripe, and stores the reading. */
@Injectable()
export class ReadConnectStatus {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly recipients: RecipientReadStore,
    private readonly accounts: ConnectedAccountStore,
    private readonly refreshCapabilities: RefreshCapabilities,
  ) {}

  /**
   * Null without a connected account. Throws RecipientUnknown, RailAccountRefused and ProviderUnreachable.
   */
  async execute(tenant: TenantId, recipientId: string): Promise<ConnectStatus | null> {
    const account = await this.uow.run(tenant, (tx) => this.accountOf(tx, recipientId), { readOnly: true });
    if (!account) return null;
    const status = await this.refreshCapabilities.readNow(tenant, account);
    await this.uow.run(tenant, (tx) => this.refreshCapabilities.record(tx, [status.reading]));
    return status;
  }

  private async accountOf(tx: Tx, recipientId: string): Promise<ConnectedAccount | null> {
    if (!(await this.recipients.byId(tx, recipientId))) throw new RecipientUnknown();
    return (await this.accounts.byRecipients(tx, [recipientId]))[0] ?? null;
  }
}
