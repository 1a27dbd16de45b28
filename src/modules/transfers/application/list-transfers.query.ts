import { Injectable } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { sql, type Sql } from '../../../platform/database';
import type { PageWindow } from '../../../kernel/page-window';
import type { TransferStatus } from '../contract';

export interface TransferFilters {
  readonly status?: TransferStatus;
  readonly recipientId?: string;
  readonly jobId?: string;
}

export interface TransferRow {
  readonly id: string;
  readonly rail: 'stripe' | 'manual';
  readonly rail_account_id: string;
  readonly recipient_id: string;
  readonly purpose: string;
  readonly job_id: string | null;
  readonly settlement_id: string | null;
  readonly amount_minor: bigint;
  readonly amount_reversed_minor: bigint;
  readonly currency: string;
  readonly state: TransferStatus;
  readonly reason: string | null;
  readonly provider_code: string | null;
  readonly opening: number;
  readonly generation: number;
  readonly attempts: number;
  readonly due_at: Date | null;
  readonly provider_transfer_id: string | null;
  readonly created_at: Date;
  readonly completed_at: Date | null;
}

export const TRANSFER_ROW = `
  id, rail, rail_account_id, recipient_id, purpose, job_id, settlement_id, amount_minor, amount_reversed_minor,
  currency, state, reason, provider_code, opening, generation, attempts, due_at, provider_transfer_id, created_at,
  completed_at`;

/** Newest first. Ids are time-ordered, so every page costs the same. */
@Injectable()
export class ListTransfers {
  constructor(private readonly uow: UnitOfWork) {}

  execute(tx: Tx, filters: TransferFilters, window: PageWindow): Promise<TransferRow[]> {
    return sql(tx).rows(pageOfTransfers(this.uow.tenantOf(tx), filters, window));
  }
}

const BY: Record<keyof TransferFilters, string> = {
  status: 'state',
  recipientId: 'recipient_id',
  jobId: 'job_id',
};

function pageOfTransfers(tenantId: string, filters: TransferFilters, window: PageWindow): Sql<TransferRow> {
  const values: unknown[] = [tenantId, window.take];
  const where = ['tenant_id = $1'];
  for (const [filter, column] of Object.entries(BY)) {
    const wanted = filters[filter as keyof TransferFilters];
    if (wanted !== undefined) where.push(`${column} = $${values.push(wanted)}`);
  }
  if (window.position) where.push(`id ${window.backwards ? '>' : '<'} $${values.push(window.position[0])}`);
  return {
    text: `SELECT ${TRANSFER_ROW} FROM transfers.transfers WHERE ${where.join(' AND ')}
      ORDER BY id ${window.backwards ? 'ASC' : 'DESC'} LIMIT $2`,
    values,
  };
}
