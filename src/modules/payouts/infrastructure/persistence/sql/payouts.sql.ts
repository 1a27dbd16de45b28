import type { TenantId } from '../../../../../kernel/ids';
import type { Sql } from '../../../../../platform/database';
import { PAYOUT_ROW, type PayoutRow } from '../../../application/list-payouts.query';
import type { PayoutSnapshot, PayoutStatus } from '../../../domain/payout';

/** As domain/payout.ts makes them: NEW, without a transfer. */
export function insertPayouts(tenant: TenantId, payouts: readonly PayoutSnapshot[]): Sql<unknown> {
  const column = <T>(pick: (payout: PayoutSnapshot) => T): T[] => payouts.map(pick);
  return {
    name: 'payouts.insert',
    text: `INSERT INTO payouts.payouts (tenant_id, id, recipient_id, amount_minor, currency, rail, recipient_name, account_tail, bank_code,
                                        description, metadata, created_by, created_at, updated_at, state)
           SELECT $1, n.*, n.created_at, 'NEW'
             FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                         $10::text[], $11::jsonb[], $12::text[], $13::timestamptz[])
               AS n (id, recipient_id, amount_minor, currency, rail, recipient_name, account_tail, bank_code, description, metadata, created_by, created_at)`,
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

export function payoutById(tenant: TenantId, id: string): Sql<PayoutRow> {
  return { name: 'payouts.by-id', text: `SELECT ${PAYOUT_ROW} FROM payouts.payouts WHERE tenant_id = $1 AND id = $2`, values: [tenant, id] };
}

/** In the order of their ids: two lists about the same payouts must not wait for each other. */
export function lockPayouts(tenant: TenantId, ids: readonly string[]): Sql<PayoutRow> {
  return {
    name: 'payouts.lock',
    text: `SELECT ${PAYOUT_ROW} FROM payouts.payouts WHERE tenant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR NO KEY UPDATE`,
    values: [tenant, ids],
  };
}

/** The caller holds their locks. */
export function updatePayouts(tenant: TenantId, payouts: readonly PayoutSnapshot[]): Sql<unknown> {
  const column = <T>(pick: (payout: PayoutSnapshot) => T): T[] => payouts.map(pick);
  return {
    name: 'payouts.update',
    text: `UPDATE payouts.payouts p SET state = n.state, reason = n.reason, transfer_id = n.transfer_id, updated_at = n.updated_at, finished_at = n.finished_at
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

export interface EventToInsert {
  readonly id: string;
  readonly payoutId: string;
  readonly kind: string;
  readonly from: PayoutStatus;
  readonly to: PayoutStatus;
  readonly reason: string | null;
  readonly actor: string;
  readonly at: Date;
}

export function insertPayoutEvents(tenant: TenantId, events: readonly EventToInsert[]): Sql<unknown> {
  const column = <T>(pick: (event: EventToInsert) => T): T[] => events.map(pick);
  return {
    name: 'payouts.insert-events',
    text: `INSERT INTO payouts.payout_events (tenant_id, id, payout_id, kind, from_state, to_state, reason, actor, occurred_at)
           SELECT $1, e.* FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[]) AS e`,
    values: [
      tenant,
      column((e) => e.id),
      column((e) => e.payoutId),
      column((e) => e.kind),
      column((e) => e.from),
      column((e) => e.to),
      column((e) => e.reason),
      column((e) => e.actor),
      column((e) => e.at),
    ],
  };
}
