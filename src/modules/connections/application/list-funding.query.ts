import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import { UnitOfWork } from '../../../kernel/tx';
import { Log } from '../../../platform/logging';
import type { AvailableBalance, RailAccountFunding } from '../contract';
import { type RailAccountSnapshot, railAccountOf } from '../domain/rail-account';
import { FundingFactStore, ProviderAccountReader, RailAccountStore } from './ports';

/** The balances of each account of a tenant. If the provider does not respond, the stored balances are returned. */
@Injectable()
export class ListFunding {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly accounts: RailAccountStore,
    private readonly facts: FundingFactStore,
    private readonly provider: ProviderAccountReader,
    private readonly log: Log,
  ) {}

  async execute(tenant: TenantId): Promise<RailAccountFunding[]> {
    const accounts = await this.uow.run(tenant, (tx) => this.accounts.all(tx), { readOnly: true });
    return Promise.all(
      accounts.map(async (account) => ({
        account: railAccountOf(account),
        available: await this.availableOf(tenant, account),
      })),
    );
  }

  private async availableOf(tenant: TenantId, account: RailAccountSnapshot): Promise<AvailableBalance[]> {
    if (account.rail === 'manual') return [];
    try {
      const fresh = await this.provider.balances(tenant, account.id);
      return fresh.map((reading) => ({ ...reading, source: 'provider' as const }));
    } catch (error) {
      this.log.warn('connections.balance_unread', { rail_account_id: account.id, error });
      const kept = await this.uow.run(tenant, (tx) => this.facts.balancesOf(tx, account.id), {
        readOnly: true,
      });
      return kept.map((reading) => ({ ...reading, source: 'cached' as const }));
    }
  }
}
