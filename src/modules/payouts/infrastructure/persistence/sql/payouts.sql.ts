import type { TenantId } from '../../../../../kernel/ids';
import type { Sql } from '../../../../../platform/database';
import { PAYOUT_COLUMNS } from '../../../application/payout-columns';
import type { PayoutSnapshot } from '../../../domain/payout';

export function findPayout(tenant: TenantId, id: string): Sql<PayoutSnapshot> {
  return {
    name: 'payouts.find',
    text: `SELECT ${PAYOUT_COLUMNS} FROM payouts.payouts WHERE tenant_id = $1 AND id = $2`,
    values: [tenant, id],
  };
}

/** Ordered by id, so that two transactions with the same payouts cannot deadlock. */
export function lockPayouts(tenant: TenantId, ids: readonly string[]): Sql<PayoutSnapshot> {
  return {
    name: 'payouts.lock',
    text: `SELECT ${PAYOUT_COLUMNS} FROM payouts.payouts WHERE tenant_id = $1 AND id = ANY($2::uuid[])
      ORDER BY id FOR NO KEY UPDATE`,
    values: [tenant, ids],
  };
}

/** New payouts are NEW and have no transfer, as Payout.create makes them. */
export function insertPayouts(tenant: TenantId, payouts: readonly PayoutSnapshot[]): Sql<unknown> {
  const column = <T>(pick: (payout: PayoutSnapshot) => T): T[] => payouts.map(pick);
  return {
    name: 'payouts.insert',
    text: `INSERT INTO payouts.payouts (tenant_id, id, recipient_id, amount_minor, currency, rail,
             recipient_name, account_tail, bank_code, description, metadata, created_by, created_at,
             updated_at, state)
           SELECT $1, n.*, n.created_at, 'NEW'
             FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::text[],
                         $8::text[], $9::text[], $10::text[], $11::jsonb[], $12::text[], $13::timestamptz[])
               AS n (id, recipient_id, amount_minor, currency, rail, recipient_name,
                     account_tail, bank_code, description, metadata, created_by, created_at)`,
    values: [
      tenant,
      column((p) => p.id),
      column((p) => p.recipientId),
      column((p) => p.amountMinor),
      column((p) => p.currency),
      column((p) => p.rail),
      column((p) => p.recipientName),
      column((p) => p.accountTail),
      column((p) => p.bankCode),
      column((p) => p.description),
      column((p) => JSON.stringify(p.metadata)),
      column((p) => p.createdBy),
      column((p) => p.createdAt),
    ],
  };
}

/** The caller has locked the rows. */
export function updatePayouts(tenant: TenantId, payouts: readonly PayoutSnapshot[]): Sql<unknown> {
  const column = <T>(pick: (payout: PayoutSnapshot) => T): T[] => payouts.map(pick);
  return {
    name: 'payouts.update',
    text: `UPDATE payouts.payouts p
              SET state = n.state, reason = n.reason, transfer_id = n.transfer_id,
                  updated_at = n.updated_at, finished_at = n.finished_at
             FROM unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::timestamptz[], $7::timestamptz[])
               AS n (id, state, reason, transfer_id, updated_at, finished_at)
            WHERE p.tenant_id = $1 AND p.id = n.id`,
    values: [
      tenant,
      column((p) => p.id),
      column((p) => p.status),
      column((p) => p.reason),
      column((p) => p.transferId),
      column((p) => p.updatedAt),
      column((p) => p.finishedAt),
    ],
  };
}
