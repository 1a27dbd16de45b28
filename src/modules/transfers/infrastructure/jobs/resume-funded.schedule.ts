import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { TenantId } from '../../../../kernel/ids';
import { UnitOfWork } from '../../../../kernel/tx';
import { Log } from '../../../../platform/logging';
import { type RunSummary, Schedule, type ScheduledJob } from '../../../../platform/schedule';
import { DueTransferStore } from '../../application/ports';
import { ResumeFunded } from '../../application/resume-funded';

export abstract class FundingPoll {
  abstract readonly everyMs: number;
}

const ACCOUNTS_MAX = 10_000;

/** Events can be late or lost, so balances are read every few minutes while transfers wait for funds. */
@Injectable()
export class ResumeFundedSchedule implements ScheduledJob, OnModuleInit {
  readonly name = 'resume-funded-transfers';
  readonly everyMs: number;

  constructor(
    private readonly schedule: Schedule,
    private readonly uow: UnitOfWork,
    private readonly dueTransfers: DueTransferStore,
    private readonly resumeFunded: ResumeFunded,
    poll: FundingPoll,
    private readonly log: Log,
  ) {
    this.everyMs = poll.everyMs;
  }

  onModuleInit(): void {
    this.schedule.register(this);
  }

  async run(scope: { tenant?: TenantId }): Promise<RunSummary> {
    const accounts = await this.uow.runForSystem((tx) => this.dueTransfers.waitingAccounts(tx, ACCOUNTS_MAX));
    const tenants = [...new Set(accounts.map(({ tenant }) => tenant))].filter(
      (tenant) => !scope.tenant || tenant === scope.tenant,
    );
    let failed = 0;
    for (const tenant of tenants) {
      await this.resumeFunded.execute(tenant).catch((error: unknown) => {
        failed += 1;
        this.log.warn('transfers.funding_not_read', { tenant_id: tenant, error });
      });
    }
    return { found: tenants.length, done: tenants.length - failed, failed, skipped: [] };
  }
}
