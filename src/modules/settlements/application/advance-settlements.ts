import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import { UnitOfWork } from '../../../kernel/tx';
import { Environment } from '../../../platform/config';
import { Log } from '../../../platform/logging';
import type { RunSummary } from '../../../platform/schedule';
import { AdvanceSettlement } from './advance-settlement';
import { UploadStore, type DueItem, SettlementRepository } from './ports';
import { RunSummaryBuilder } from './run-summary-builder';
import { parseWakeUpKey } from './wake-up-key';

/** How many lines one transaction deletes. */
const PURGE_LINES = 10_000;

/** Advances streams and large cancellations, and purges abandoned uploads: on a wake-up and on a schedule. */
@Injectable()
export class AdvanceSettlements {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly settlements: SettlementRepository,
    private readonly uploads: UploadStore,
    private readonly advanceSettlement: AdvanceSettlement,
    private readonly environment: Environment,
    private readonly log: Log,
  ) {}

  /** Handles a wake-up. The key comes from the queue and is not trusted. */
  async wake(key: string): Promise<void> {
    const item = parseWakeUpKey(key);
    if (!item) return;
    await this.advanceSettlement.execute(item.tenantId, item.id);
    await this.purge(item);
  }

  async execute({ tenant = null }: { readonly tenant?: TenantId | null }): Promise<RunSummary> {
    const query = {
      states: ['checking', 'recording', 'cancelling'] as const,
      tenant,
      perTenant: this.environment.settlementJobsBatch,
    };
    const [unfinished, abandoned] = await this.uow.runForSystem(async (tx) => [
      await this.settlements.due(tx, query),
      await this.uploads.abandoned(tx, tenant),
    ]);
    const summary = new RunSummaryBuilder(unfinished.length + abandoned.length);
    for (const item of unfinished)
      await this.runAndCount(
        item,
        summary,
        async () => (await this.advanceSettlement.execute(item.tenantId, item.id)) > 0,
      );
    for (const item of abandoned) await this.runAndCount(item, summary, () => this.purge(item));
    return summary.build();
  }

  private async runAndCount(
    item: DueItem,
    summary: RunSummaryBuilder,
    work: () => Promise<boolean>,
  ): Promise<void> {
    try {
      if (await work()) summary.done++;
      else summary.skip('locked_elsewhere');
    } catch (error) {
      summary.failed++;
      this.log.warn('settlement.advance_failed', {
        tenant_id: item.tenantId,
        settlement_id: item.id,
        error,
      });
      await this.defer(item, RunSummaryBuilder.reasonOf(error));
    }
  }

  /** If this fails, too, the run continues with the other settlements. */
  private async defer({ tenantId, id }: DueItem, reason: string): Promise<void> {
    await this.uow
      .run(tenantId, (tx) => this.settlements.defer(tx, id, reason))
      .catch((lost: unknown) =>
        this.log.warn('settlement.failure_not_stored', {
          tenant_id: tenantId,
          settlement_id: id,
          error: lost,
        }),
      );
  }

  /** Returns whether there was anything to purge. */
  private async purge({ tenantId, id }: DueItem): Promise<boolean> {
    await this.uow.run(tenantId, (tx) => this.uploads.discardIdle(tx, id));
    for (;;) {
      const purged = await this.uow.run(tenantId, (tx) => this.uploads.purge(tx, id, PURGE_LINES));
      if (purged !== 'more') return purged === 'purged';
    }
  }
}
