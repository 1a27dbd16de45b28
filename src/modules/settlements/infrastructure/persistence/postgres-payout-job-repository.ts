import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { repository, sql } from '../../../../platform/database';
import { ListResponseCache } from '../../../../platform/pagination/list-response-cache';
import { type DueItem, PayoutJobRepository, SETTLEMENT_LIST } from '../../application/ports';
import type { PayoutJobSnapshot } from '../../domain/payout-job';
import { PayoutJobRow } from './payout-job.row';
import { findProcessingJobs, touchJob } from './sql/payout-jobs.sql';

@Injectable()
export class PostgresPayoutJobRepository extends PayoutJobRepository {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly responses: ListResponseCache,
  ) {
    super();
  }

  /** The list of settlements shows the id of the job, and nothing else of it. */
  async add(tx: Tx, job: PayoutJobSnapshot): Promise<void> {
    this.responses.invalidate(tx, SETTLEMENT_LIST);
    await repository(tx, PayoutJobRow).insert({ ...job, tenantId: this.uow.tenantOf(tx) });
  }

  find(tx: Tx, id: string): Promise<PayoutJobSnapshot | null> {
    return repository(tx, PayoutJobRow).findOneBy({ id });
  }

  lockOf(tx: Tx, settlementId: string): Promise<PayoutJobSnapshot | null> {
    return repository(tx, PayoutJobRow).findOne({
      where: { settlementId },
      lock: { mode: 'pessimistic_write' },
    });
  }

  lock(tx: Tx, id: string): Promise<PayoutJobSnapshot | null> {
    return repository(tx, PayoutJobRow).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  async save(
    tx: Tx,
    { id, status, expandedThrough, startedAt, completedAt }: PayoutJobSnapshot,
  ): Promise<void> {
    await repository(tx, PayoutJobRow).update({ id }, { status, expandedThrough, startedAt, completedAt });
  }

  async processing(tx: Tx, tenant: TenantId | null, perTenant: number): Promise<DueItem[]> {
    return (await sql(tx).rows(findProcessingJobs(tenant, perTenant))).map((row) => ({
      tenantId: row.tenant_id,
      id: row.id,
    }));
  }

  async touch(tx: Tx, id: string): Promise<void> {
    await sql(tx).count(touchJob(id));
  }
}
