import type { Sql } from '../../../../../platform/database';

/** Oldest first: ids are time-ordered. */
export function findWaitingForFunds(
  tenantId: string,
  railAccountId: string,
  currency: string,
  limit: number,
): Sql<{ id: string; amount_minor: bigint }> {
  return {
    text: `
      SELECT id, amount_minor FROM transfers.transfers
       WHERE tenant_id = $1 AND rail_account_id = $2 AND currency = $3 AND state = 'waiting_for_funds'
         AND due_at IS NULL
       ORDER BY id LIMIT $4`,
    values: [tenantId, railAccountId, currency, limit],
  };
}

export function findBlockedTransfers(tenantId: string, recipientIds: readonly string[]): Sql<{ id: string }> {
  return {
    text: `
      SELECT id FROM transfers.transfers
       WHERE tenant_id = $1 AND recipient_id = ANY($2::uuid[]) AND state = 'blocked_recipient'
         AND due_at IS NULL`,
    values: [tenantId, recipientIds],
  };
}
