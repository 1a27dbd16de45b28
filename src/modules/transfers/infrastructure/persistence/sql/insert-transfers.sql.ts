import type { Sql } from '../../../../../platform/database';
import type { TransferRequest } from '../../../contract';

export interface InsertedTransfer {
  readonly id: string;
  readonly recipient_id: string;
  readonly purpose: 'award' | 'payout' | 'reward';
  readonly currency: string;
  readonly amount_minor: bigint;
}

/**
 * One transfer for each origin. A second request for the same origin writes nothing and answers nothing, so that what follows
 * (the reservation) happens for new transfers only. The manual rail has no worker: a person confirms it.
 */
export function insertTransfers(tenantId: string, ids: string[], requests: readonly TransferRequest[]): Sql<InsertedTransfer> {
  const column = <T>(pick: (request: TransferRequest) => T): T[] => requests.map(pick);
  return {
    name: 'insert_transfers',
    text: `
      INSERT INTO transfers.transfers (tenant_id, id, rail, rail_account_id, recipient_id, purpose, origin_kind, origin_id, origin_seq,
                                       job_id, settlement_id, amount_minor, currency, max_attempts, state, due_at)
      SELECT $1, n.id, n.rail, n.rail_account_id, n.recipient_id, n.purpose, n.origin_kind, n.origin_id, n.origin_seq,
             n.job_id, n.settlement_id, n.amount_minor, n.currency, n.max_attempts,
             CASE n.rail WHEN 'manual' THEN 'awaiting_confirmation' ELSE 'pending' END,
             CASE n.rail WHEN 'manual' THEN NULL ELSE now() END
        FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::uuid[], $9::int[],
                    $10::uuid[], $11::uuid[], $12::bigint[], $13::text[], $14::int[])
          AS n(id, rail, rail_account_id, recipient_id, purpose, origin_kind, origin_id, origin_seq,
               job_id, settlement_id, amount_minor, currency, max_attempts)
      ON CONFLICT (tenant_id, origin_kind, origin_id, origin_seq) DO NOTHING
      RETURNING id, recipient_id, purpose, currency, amount_minor`,
    values: [
      tenantId,
      ids,
      column((r) => r.rail),
      column((r) => r.railAccountId),
      column((r) => r.recipientId),
      column((r) => r.purpose),
      column((r) => r.origin.kind),
      column((r) => r.origin.id),
      column((r) => r.origin.seq ?? 1),
      column((r) => r.jobId),
      column((r) => r.settlementId),
      column((r) => r.amountMinor),
      column((r) => r.currency),
      column((r) => r.maxAttempts),
    ],
  };
}
