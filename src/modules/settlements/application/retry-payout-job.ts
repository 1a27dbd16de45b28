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
import { PayoutJobRepository } from './ports';

/** Each transfer is looked up at the provider first, which takes time; a further request takes the next ones. */
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

/** Reopens the failed transfers of a payout job for an operator. */
@Injectable()
export class RetryPayoutJob {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly jobs: PayoutJobRepository,
    private readonly transfers: Transfers,
    private readonly completePayoutJob: CompletePayoutJob,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Call it outside of any transaction, because it calls the provider. A transfer that cannot be retried does
   * not stop the others.
   *
   * @throws PayoutJobNotFound
   */
  async execute(command: RetryJobCommand): Promise<RetriedJob> {
    const { tenant, jobId } = command;
    const failed = await this.uow.run(tenant, (tx) => this.begin(tx, command));
    const refused: { transferId: string; code: string }[] = [];
    for (const transferId of failed) {
      const code = await this.retry({ ...command, transferId });
      if (code !== null) refused.push({ transferId, code });
    }
    await this.uow.run(tenant, (tx) => this.completePayoutJob.execute(tx, jobId));
    return { retried: failed.length - refused.length, refused };
  }

  /** Resumes the job before its transfers: after a crash in between, the scheduled check finds the job. */
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
