import { Injectable } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { sql } from '../../../platform/database';
import { FINAL_STATUSES, TRANSFER_STATUSES, type TransferStatus } from '../contract';

export interface StuckTransfer {
  readonly id: string;
  readonly state: TransferStatus;
  readonly reason: string | null;
  readonly job_id: string | null;
  readonly recipient_id: string;
  readonly amount_minor: bigint;
  readonly currency: string;
  readonly created_at: Date;
  readonly due_at: Date | null;
}

export interface WaitingForFunds {
  readonly rail_account_id: string;
  readonly currency: string;
  readonly waiting_minor: bigint;
  readonly count: number;
  readonly oldest: Date;
}

/** An operator starts with the oldest anyway. */
export const STUCK_MAX = 25;

/** For operators: how many transfers are in which state, which are stuck, how much money is missing. */
@Injectable()
export class TransferDiagnostics {
  constructor(private readonly uow: UnitOfWork) {}

  async counts(tx: Tx): Promise<Record<TransferStatus, number>> {
    const rows = await sql(tx).rows<{ state: TransferStatus; count: bigint }>({
      text: `SELECT state, count(*) AS count FROM transfers.transfers WHERE tenant_id = $1 GROUP BY state`,
      values: [this.uow.tenantOf(tx)],
    });
    const counts = Object.fromEntries(TRANSFER_STATUSES.map((status) => [status, 0])) as Record<
      TransferStatus,
      number
    >;
    for (const { state, count } of rows) counts[state] = Number(count);
    return counts;
  }

  /** Not final, and created more than `minutes` ago. Oldest first, at most STUCK_MAX. */
  stuck(tx: Tx, minutes: number): Promise<StuckTransfer[]> {
    return sql(tx).rows<StuckTransfer>({
      text: `
        SELECT id, state, reason, job_id, recipient_id, amount_minor, currency, created_at, due_at
          FROM transfers.transfers
         WHERE tenant_id = $1 AND state = ANY($2::text[]) AND created_at < now() - make_interval(mins => $3)
         ORDER BY created_at, id LIMIT ${STUCK_MAX}`,
      values: [this.uow.tenantOf(tx), OPEN, minutes],
    });
  }

  async waiting(tx: Tx): Promise<WaitingForFunds[]> {
    const rows = await sql(tx).rows<
      Omit<WaitingForFunds, 'waiting_minor' | 'count'> & { waiting_minor: string; count: bigint }
    >({
      text: `
        SELECT rail_account_id, currency, sum(amount_minor)::text AS waiting_minor, count(*)
          AS count, min(created_at) AS oldest
          FROM transfers.transfers WHERE tenant_id = $1 AND state = 'waiting_for_funds'
            GROUP BY rail_account_id, currency`,
      values: [this.uow.tenantOf(tx)],
    });
    return rows.map((row) => ({
      ...row,
      waiting_minor: BigInt(row.waiting_minor),
      count: Number(row.count),
    }));
  }
}

const OPEN = TRANSFER_STATUSES.filter((status) => !(FINAL_STATUSES as readonly string[]).includes(status));
