import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../kernel/tx';
import { sql, type Sql } from '../../../platform/database';
import type { PageWindow } from '../../../kernel/page-window';
import { type JobProgress, Transfers } from '../../transfers';
import { PayoutJobNotFound } from '../domain/errors';
import type { PayoutJobSnapshot, PayoutJobStatus } from '../domain/payout-job';

export interface PayoutJobFilters {
  readonly status?: PayoutJobStatus;
  readonly settlementId?: string;
}

const COLUMNS = `id, settlement_id AS "settlementId", rail_account_id AS "railAccountId", status,
  expanded_through AS "expandedThrough", total,
  created_at AS "createdAt", started_at AS "startedAt", completed_at AS "completedAt"`;

/** Lists payout jobs, newest first; reads one job, or its progress. */
@Injectable()
export class ListPayoutJobs {
  constructor(private readonly transfers: Transfers) {}

  execute(tx: Tx, filters: PayoutJobFilters, window: PageWindow): Promise<PayoutJobSnapshot[]> {
    return sql(tx).rows(page(filters, window));
  }

  /** @throws PayoutJobNotFound */
  async one(tx: Tx, id: string): Promise<PayoutJobSnapshot> {
    const found = await sql(tx).maybe<PayoutJobSnapshot>({
      text: `SELECT ${COLUMNS} FROM settlements.payout_jobs WHERE id = $1`,
      values: [id],
    });
    if (!found) throw new PayoutJobNotFound();
    return found;
  }

  /** @throws PayoutJobNotFound */
  async progressOf(tx: Tx, id: string): Promise<{ job: PayoutJobSnapshot; progress: JobProgress }> {
    return { job: await this.one(tx, id), progress: await this.transfers.progressOf(tx, id) };
  }
}

function page({ status, settlementId }: PayoutJobFilters, window: PageWindow): Sql<PayoutJobSnapshot> {
  const values: unknown[] = [window.take];
  const where = ['true'];
  if (status !== undefined) where.push(`status = $${values.push(status)}`);
  if (settlementId !== undefined) where.push(`settlement_id = $${values.push(settlementId)}`);
  if (window.position) where.push(`id ${window.backwards ? '>' : '<'} $${values.push(window.position[0])}`);
  return {
    text: `SELECT ${COLUMNS} FROM settlements.payout_jobs WHERE ${where.join(' AND ')}
      ORDER BY id ${window.backwards ? 'ASC' : 'DESC'} LIMIT $1`,
    values,
  };
}
