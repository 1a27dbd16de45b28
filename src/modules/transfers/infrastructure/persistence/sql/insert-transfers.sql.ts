import type { Sql } from '../../../../../platform/database';
import type { TransferRequest } from '../../../contract';

/**
 * Groups neighbouring requests that differ only in recipient, amount and origin: what they share is sent once,
 * not as five thousand elements of an array.
 */
export function groupBySameTerms(requests: readonly TransferRequest[]): TransferRequest[][] {
  const groups: TransferRequest[][] = [];
  for (const request of requests) {
    const group = groups.at(-1);
    if (group?.[0] && areSameTerms(group[0], request)) group.push(request);
    else groups.push([request]);
  }
  return groups;
}

function areSameTerms(a: TransferRequest, b: TransferRequest): boolean {
  return (
    a.rail === b.rail &&
    a.railAccountId === b.railAccountId &&
    a.purpose === b.purpose &&
    a.origin.kind === b.origin.kind &&
    a.jobId === b.jobId &&
    a.settlementId === b.settlementId &&
    a.currency === b.currency &&
    a.maxAttempts === b.maxAttempts
  );
}

/**
 * One transfer for each origin. A second request for the same origin writes and returns nothing, so that money
 * is reserved for new transfers only. The manual rail has no worker: an operator confirms the transfer.
 */
export function insertTransfers(
  tenantId: string,
  ids: readonly string[],
  requests: readonly TransferRequest[],
): Sql<{ id: string }> {
  const column = <T>(pick: (request: TransferRequest) => T): T[] => requests.map(pick);
  const terms = requests[0] as TransferRequest;
  return {
    name: 'insert_transfers',
    text: `
      INSERT INTO transfers.transfers (tenant_id, id, recipient_id, origin_id, origin_seq, amount_minor,
                                       rail, rail_account_id, purpose, origin_kind, job_id, settlement_id,
                                         currency, max_attempts, state, due_at)
      SELECT $1, n.*, $7::text, $8::uuid, $9, $10, $11::uuid, $12::uuid, $13, $14::int,
             CASE $7::text WHEN 'manual' THEN 'awaiting_confirmation' ELSE 'pending' END,
             CASE $7::text WHEN 'manual' THEN NULL ELSE now() END
        FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::int[], $6::bigint[])
          AS n(id, recipient_id, origin_id, origin_seq, amount_minor)
      ON CONFLICT (tenant_id, origin_kind, origin_id, origin_seq) DO NOTHING
      RETURNING id`,
    values: [
      tenantId,
      ids,
      column((r) => r.recipientId),
      column((r) => r.origin.id),
      column((r) => r.origin.seq ?? 1),
      column((r) => r.amountMinor),
      terms.rail,
      terms.railAccountId,
      terms.purpose,
      terms.origin.kind,
      terms.jobId,
      terms.settlementId,
      terms.currency,
      terms.maxAttempts,
    ],
  };
}
