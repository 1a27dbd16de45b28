import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import { UnitOfWork } from '../../../kernel/tx';
import type { RunSummary } from '../../../platform/schedule';
import { Log } from '../../../platform/logging';
import { ConnectedAccountStore } from './ports';
import { RefreshCapabilities } from './refresh-capabilities';

export const READ_WATCHED_EVERY_MS = 3_600_000;
/** Less than the period, or every second run would find its accounts not old enough. */
const UNREAD_FOR_MS = READ_WATCHED_EVERY_MS - 300_000;
/** So that a tenant whose key no longer works does not use up the run. */
const PER_TENANT_MAX = 200;

/** Reads the accounts that transfers wait for, because the event that they became payable may be lost. */
@Injectable()
export class ReadWatched {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly accounts: ConnectedAccountStore,
    private readonly refreshCapabilities: RefreshCapabilities,
    private readonly log: Log,
  ) {}

  async execute(scope: { readonly tenant?: TenantId }): Promise<RunSummary> {
    const since = new Date(Date.now() - UNREAD_FOR_MS);
    const due = await this.uow.runForSystem((tx) =>
      this.accounts.unreadSince(tx, since, scope.tenant ?? null, PER_TENANT_MAX),
    );
    const byTenant = new Map<TenantId, string[]>();
    for (const { tenantId, recipientId } of due)
      byTenant.set(tenantId, [...(byTenant.get(tenantId) ?? []), recipientId]);
    let done = 0;
    for (const [tenant, ids] of byTenant) done += await this.refresh(tenant, ids);
    return { found: due.length, done, failed: due.length - done, skipped: [] };
  }

  private async refresh(tenant: TenantId, ids: readonly string[]): Promise<number> {
    try {
      return (await this.refreshCapabilities.execute(tenant, ids)).read;
    } catch (error) {
      this.log.warn('recipients.watched_unread', { tenant_id: tenant, count: ids.length, error });
      return 0;
    }
  }
}
