import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import { UnitOfWork } from '../../../kernel/tx';
import { Environment } from '../../../platform/config';
import { failpoint } from '../../../platform/failpoints';
import { Log } from '../../../platform/logging';
import type { RunSummary } from '../../../platform/schedule';
import { RailAccountMissing } from '../../transfers';
import { ExpandSettlement } from './expand-settlement';
import { type DueItem, SettlementRepository } from './ports';
import { RunSummaryBuilder } from './run-summary-builder';

/** `skipTenant`: the reason holds for all settlements of the tenant in this run. */
type StepResult = 'more' | 'done' | { readonly skipTenant: string };

/**
 * One run over all settlements that wait for their transfers. It expands one chunk of each in rotation, so that
 * a small settlement does not wait for a large one. A settlement that fails is deferred and does not stop the
 * others.
 */
@Injectable()
export class ExpandSettlements {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly settlements: SettlementRepository,
    private readonly expandSettlement: ExpandSettlement,
    private readonly environment: Environment,
    private readonly log: Log,
  ) {}

  async execute({ tenant }: { readonly tenant?: TenantId }): Promise<RunSummary> {
    const query = {
      states: ['recorded', 'expanding'] as const,
      tenant: tenant ?? null,
      perTenant: this.environment.settlementJobsBatch,
    };
    let due = await this.uow.runForSystem((tx) => this.settlements.due(tx, query));
    const summary = new RunSummaryBuilder(due.length);
    const skippedTenants = new Map<TenantId, string>();
    while (due.length > 0) {
      const more: DueItem[] = [];
      for (const item of due) {
        const skipReason = skippedTenants.get(item.tenantId);
        if (skipReason !== undefined) {
          summary.skip(skipReason);
          continue;
        }
        const result = await this.expandChunk(item, summary);
        if (result === 'more') more.push(item);
        if (typeof result === 'object') skippedTenants.set(item.tenantId, result.skipTenant);
      }
      due = more;
    }
    return summary.build();
  }

  private async expandChunk(item: DueItem, summary: RunSummaryBuilder): Promise<StepResult> {
    try {
      const expansion = await this.expandSettlement.execute(item.tenantId, item.id);
      await failpoint('expanded');
      if (expansion === 'more') return 'more';
      if (expansion === 'expanded') {
        summary.done++;
        this.log.info('settlement.expanded', { tenant_id: item.tenantId, settlement_id: item.id });
      } else summary.skip(expansion);
      return expansion === 'tenant_suspended' ? { skipTenant: expansion } : 'done';
    } catch (error) {
      return this.recordFailure(item, error, summary);
    }
  }

  private async recordFailure(
    { tenantId, id }: DueItem,
    error: unknown,
    summary: RunSummaryBuilder,
  ): Promise<StepResult> {
    const isMissing = error instanceof RailAccountMissing;
    const reason = isMissing ? error.code : RunSummaryBuilder.reasonOf(error);
    if (isMissing) summary.skip(reason);
    else summary.failed++;
    this.log.warn(isMissing ? 'settlement.not_expandable' : 'settlement.expansion_failed', {
      tenant_id: tenantId,
      settlement_id: id,
      reason,
      error,
    });
    // Without an account the settlement stays due, so that the next run after its creation expands it.
    await this.uow
      .run(tenantId, (tx) =>
        isMissing ? this.settlements.note(tx, id, reason) : this.settlements.defer(tx, id, reason),
      )
      .catch((lost: unknown) =>
        this.log.warn('settlement.failure_not_stored', {
          tenant_id: tenantId,
          settlement_id: id,
          error: lost,
        }),
      );
    return isMissing ? { skipTenant: reason } : 'done';
  }
}
