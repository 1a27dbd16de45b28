import { Injectable } from '@nestjs/common';
import { newId, type TenantId } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { Environment } from '../../../platform/config';
import { failpoint } from '../../../platform/failpoints';
import { Outbox } from '../../../platform/outbox';
import { Tenancy } from '../../tenancy';
import { type TransferRequest, Transfers } from '../../transfers';
import { SettlementScheduled } from '../contract';
import { reservationOf } from '../domain/accounting';
import { PayoutJob, type PayoutJobSnapshot } from '../domain/payout-job';
import { Settlement } from '../domain/settlement';
import type { SettlementSnapshot } from '../domain/settlement-snapshot';
import { type Award, AwardStore, PayoutJobRepository, SettlementRepository } from './ports';

export type Expansion = 'expanded' | 'more' | 'locked_elsewhere' | 'nothing_to_do' | 'tenant_suspended';

/**
 * Creates the transfers of one chunk of awards. Transfers, their reservation in the ledger and the progress of
 * the job are written in one transaction, so that work continues after a crash where it stopped. The locks on
 * settlement and job let one scheduler work; the others skip the settlement.
 */
@Injectable()
export class ExpandSettlement {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly settlements: SettlementRepository,
    private readonly awards: AwardStore,
    private readonly jobs: PayoutJobRepository,
    private readonly tenancy: Tenancy,
    private readonly transfers: Transfers,
    private readonly outbox: Outbox,
    private readonly environment: Environment,
  ) {}

  /** @throws RailAccountMissing; nothing is changed then */
  execute(tenant: TenantId, settlementId: string): Promise<Expansion> {
    return this.uow.run(tenant, (tx) => this.expandIn(tx, settlementId));
  }

  private async expandIn(tx: Tx, settlementId: string): Promise<Expansion> {
    const snapshot = await this.settlements.tryLock(tx, settlementId);
    if (!snapshot) return 'locked_elsewhere';
    if (snapshot.state !== 'recorded' && snapshot.state !== 'expanding') return 'nothing_to_do';
    if (!(await this.tenancy.mayPay(tx))) return 'tenant_suspended';
    const settlement = Settlement.rehydrate(snapshot);
    const job = PayoutJob.rehydrate(
      (await this.jobs.lockOf(tx, settlementId)) ?? (await this.open(tx, settlement)),
    );
    await this.expandChunk(tx, settlement.snapshot(), job);
    await this.jobs.save(tx, job.snapshot());
    if (job.snapshot().status === 'processing') settlement.finishExpanding();
    await this.settlements.save(tx, settlement.snapshot());
    return job.snapshot().status === 'processing' ? 'expanded' : 'more';
  }

  private async open(tx: Tx, settlement: Settlement): Promise<PayoutJobSnapshot> {
    const { id, awardCount, rail } = settlement.snapshot();
    const railAccountId = await this.transfers.payingAccount(tx, rail);
    settlement.startExpanding();
    const job = PayoutJob.open(
      { id: newId(), settlementId: id, railAccountId, total: awardCount },
      new Date(),
    ).snapshot();
    await this.jobs.add(tx, job);
    await this.outbox.publish(tx, [SettlementScheduled.of({ settlement_id: id, payout_job_id: job.id })]);
    return job;
  }

  private async expandChunk(tx: Tx, settlement: SettlementSnapshot, job: PayoutJob): Promise<void> {
    const { id, railAccountId, expandedThrough } = job.snapshot();
    const awards = await this.awards.slice(tx, settlement.id, expandedThrough, this.environment.expandChunk);
    const { maxAttempts } = await this.tenancy.settingsOf(tx);
    const request = requestFor({
      jobId: id,
      settlementId: settlement.id,
      currency: settlement.currency,
      rail: settlement.rail,
      railAccountId,
      maxAttempts,
    });
    await this.transfers.request(tx, awards.map(request), { reference: reservationOf(id, expandedThrough) });
    job.advance(awards.length, new Date());
    await failpoint('expanding');
  }
}

/** Written field by field: a spread of the common fields cost more time here than hashing an account id. */
function requestFor({
  jobId,
  settlementId,
  currency,
  rail,
  railAccountId,
  maxAttempts,
}: Pick<TransferRequest, 'jobId' | 'settlementId' | 'currency' | 'rail' | 'railAccountId' | 'maxAttempts'>) {
  return ({ id, recipientId, amountMinor }: Award): TransferRequest => ({
    jobId,
    settlementId,
    currency,
    rail,
    railAccountId,
    maxAttempts,
    recipientId,
    amountMinor,
    purpose: 'award',
    origin: { kind: 'award', id },
  });
}
