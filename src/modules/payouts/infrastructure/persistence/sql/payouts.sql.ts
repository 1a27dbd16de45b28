import type { TenantId } from '../../../../../kernel/ids';
import type { Sql } from '../../../../../platform/database';
import type { PayoutSnapshot } from '../../../domain/payout';

/** As domain/payout.ts makes them: NEW, without a transfer. */
export function insertPayouts(tenant: TenantId, payouts: readonly PayoutSnapshot[]): Sql<unknown> {
  const column = <T>(pick: (payout: PayoutSnapshot) => T): T[] => payouts.map(pick);
  return {
    name: 'payouts.insert',
    text: `INSERT INTO payouts.payouts (tenant_id, id, recipient_id, amount_minor, currency, rail,
      recipient_name, account_tail, bank_code,
                                        description, metadata, created_by, created_at, updated_at, state)
           SELECT $1, n.*, n.created_at, 'NEW'
             FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],
               $9::text[],
                         $10::text[], $11::jsonb[], $12::text[], $13::timestamptz[])
               AS n (id, recipient_id, amount_minor, currency, rail, recipient_name, account_tail, bank_code,
                 description, metadata, created_by, created_at)`,
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
