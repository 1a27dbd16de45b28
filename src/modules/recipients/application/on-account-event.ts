import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import type { EventHandler, ReceivedEvent } from '../../../platform/outbox';
import { ProviderEventAccount, type ProviderEventReceived } from '../../connections';
import { type CapabilityReading, type ConnectedAccount, ConnectedAccountStore } from './ports';
import { RefreshCapabilities } from './refresh-capabilities';

/** Reads an account at Stripe after each event about it, because events arrive late, twice and out of order. */
@Injectable()
export class OnAccountEvent implements EventHandler<ProviderEventReceived, CapabilityReading[]> {
  readonly consumer = 'recipients.on-account-event';
  readonly events = [ProviderEventAccount];

  constructor(
    private readonly uow: UnitOfWork,
    private readonly accounts: ConnectedAccountStore,
    private readonly refreshCapabilities: RefreshCapabilities,
  ) {}

  async prefetch(
    tenant: TenantId,
    events: readonly ReceivedEvent<ProviderEventReceived>[],
  ): Promise<CapabilityReading[]> {
    const accounts = await this.uow.run(tenant, (tx) => this.accountsOf(tx, events), { readOnly: true });
    const readings = await this.refreshCapabilities.readAll(tenant, accounts);
    if (readings.length < accounts.length)
      throw new Error(
        `${accounts.length - readings.length} of ${accounts.length} accounts could not be read`,
      );
    return readings;
  }

  handle(
    tx: Tx,
    _events: readonly ReceivedEvent<ProviderEventReceived>[],
    readings: CapabilityReading[],
  ): Promise<void> {
    return this.refreshCapabilities.record(tx, readings);
  }

  /** The accounts that are connected to a recipient; others are ignored. */
  private async accountsOf(
    tx: Tx,
    events: readonly ReceivedEvent<ProviderEventReceived>[],
  ): Promise<ConnectedAccount[]> {
    const named = new Map<string, Set<string>>();
    for (const { payload } of events) {
      const { rail_account_id: rail, object_id: account } = payload;
      named.set(rail, (named.get(rail) ?? new Set()).add(account));
    }
    const found: ConnectedAccount[] = [];
    for (const [rail, accounts] of named)
      found.push(...(await this.accounts.byStripeAccounts(tx, rail, [...accounts])));
    return found;
  }
}
