import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import { UnitOfWork } from '../../../kernel/tx';
import { Log } from '../../../platform/logging';
import type { RunSummary } from '../../../platform/schedule';
import { LedgerStore } from './ports';

/** How many entries one transaction sums up, so that millions of entries do not reach the statement timeout. */
const ENTRIES_PER_STEP = 20_000;

/**
 * Advances the checkpoints of derived balances, so that reading them stays fast. Checkpoints are a cache: a
 * missed run makes reads slower, not wrong.
 */
@Injectable()
export class TakeCheckpoints {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly store: LedgerStore,
    private readonly log: Log,
  ) {}

  async execute(
    scope: { readonly tenant?: TenantId } = {},
    entriesPerStep = ENTRIES_PER_STEP,
  ): Promise<RunSummary> {
    const tenants = scope.tenant
      ? [scope.tenant]
      : await this.uow.runForSystem((tx) => this.store.tenantsToCheckpoint(tx));
    let failed = 0;
    for (const tenant of tenants) {
      try {
        await this.take(tenant, entriesPerStep);
      } catch (error) {
        failed++;
        this.log.error('ledger.checkpoint_failed', { tenant_id: tenant, error });
      }
    }
    return { found: tenants.length, done: tenants.length - failed, failed, skipped: [] };
  }

  private async take(tenant: TenantId, entriesPerStep: number): Promise<void> {
    let complete = false;
    while (!complete)
      complete = await this.uow.run(tenant, (tx) => this.store.advanceCheckpoint(tx, entriesPerStep));
  }
}
