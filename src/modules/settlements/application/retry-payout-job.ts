import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/actor';
import { DomainError } from '../../../kernel/errors';
import type { TenantId } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import { Transfers } from '../../transfers';
import { PayoutJobNotFound } from '../domain/errors';
import { PayoutJob } from '../domain/payout-job';
import { CompletePayoutJob } from './complete-payout-job';
import { PayoutJobStore } from './ports';

/**
 * Each of them is asked for at the provider first, so one request takes no more; the next one takes the next.
 */
export const RETRIED_MAX = 100;

export interface RetryJobCommand {
  readonly tenant: TenantId;
  readonly jobId: string;
  readonly reason: string;
  readonly actor: Actor;
}

export interface RetriedJob {
  readonly retried: number;
  readonly refused: readonly { readonly transferId: string; readonly code: string }[];
}

/** An operator opens the failed transfers of a job again. */
@Injectable()
export class RetryPayoutJob {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly jobs: PayoutJobStore,
    private readonly transfers: Transfers,
    private readonly completePayoutJob: CompletePayoutJob,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Outside any transaction, since the provider is asked. One that cannot be retried keeps no other. Throws
   * PayoutJobNotFound.
   */
  async execute(command: RetryJobCommand): Promise<RetriedJob> {
    const { tenant, jobId } = command;
    const failed = await this.uow.run(tenant, (tx) => this.begin(tx, command));
    const refused: { transferId: string; code: string }[] = [];
    for (const transferId of failed) {
      const code = await this.retry({ ...command, transferId });
      if (code !== null) refused.push({ transferId, code });
    }
    await this.uow.run(tenant, (tx) => this.completePayoutJob.ifDone(tx, jobId));
    return { retried: failed.length - refused.length, refused };
  }

  /**
   * The job goes on before its transfers do: a crash in between leaves a job that is looked at again, not a
   * lost one.
   */
  private async begin(tx: Tx, { jobId, reason, actor }: RetryJobCommand): Promise<string[]> {
    const snapshot = await this.jobs.lock(tx, jobId);
    if (!snapshot) throw new PayoutJobNotFound();
    const failed = await this.transfers.failedOfJob(tx, jobId, RETRIED_MAX);
    const job = PayoutJob.rehydrate(snapshot);
    if (failed.length > 0 && snapshot.status === 'complete') job.resume();
    await this.jobs.save(tx, job.snapshot());
    const after = { status: job.snapshot().status, reason, transfers: failed.length };
    await this.audit.record(tx, actor, {
      action: 'payout_job.retried',
      entity: { kind: 'payout_job', id: jobId },
      before: { status: snapshot.status },
      after,
    });
    return failed;
  }

  private async retry({
    tenant,
    transferId,
    reason,
    actor,
  }: RetryJobCommand & { transferId: string }): Promise<string | null> {
    try {
      await this.transfers.retry({ tenant, transferId, reason, actor });
      return null;
    } catch (error) {
      if (error instanceof DomainError) return error.code;
      throw error;
    }
  }
}
