import type { Sql } from '../../../../../platform/database';
import type { Evidence } from '../../../application/ports';
import type { Transition } from '../../../domain/transfer-snapshot';

export type TransitionOf = Transition & { readonly transferId: string };

export function insertTransitions(tenantId: string, transitions: readonly TransitionOf[]): Sql<unknown> {
  return {
    name: 'insert_transitions',
    text: `
      INSERT INTO transfers.transfer_transitions (tenant_id, transfer_id, from_state, to_state, opening,
        generation, reason, actor)
      SELECT $1, n.* FROM unnest($2::uuid[], $3::text[], $4::text[], $5::int[], $6::int[], $7::text[],
        $8::text[]) AS n`,
    values: [
      tenantId,
      transitions.map((t) => t.transferId),
      transitions.map((t) => t.from),
      transitions.map((t) => t.to),
      transitions.map((t) => t.opening),
      transitions.map((t) => t.generation),
      transitions.map((t) => t.reason),
      transitions.map((t) => t.actor),
    ],
  };
}

/** The same proof from the same source is stored once. */
export function insertEvidence(tenantId: string, evidence: readonly Evidence[]): Sql<unknown> {
  return {
    name: 'insert_evidence',
    text: `
      INSERT INTO transfers.transfer_evidence (tenant_id, transfer_id, provider_transfer_id, source,
        amount_minor, currency, destination)
      SELECT $1, n.* FROM unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[])
        AS n
      ON CONFLICT DO NOTHING`,
    values: [
      tenantId,
      evidence.map((e) => e.transferId),
      evidence.map((e) => e.at.id),
      evidence.map((e) => e.source),
      evidence.map((e) => e.at.amountMinor),
      evidence.map((e) => e.at.currency),
      evidence.map((e) => e.at.destination),
    ],
  };
}

/** Returns the amount only when this reversal was not stored yet. */
export function insertReversal(
  tenantId: string,
  transferId: string,
  reversalId: string,
  amountMinor: bigint,
): Sql<{ amount_minor: bigint }> {
  return {
    text: `
      INSERT INTO transfers.reversals (tenant_id, transfer_id, provider_reversal_id, amount_minor)
        VALUES ($1, $2, $3, $4)
      ON CONFLICT DO NOTHING RETURNING amount_minor`,
    values: [tenantId, transferId, reversalId, amountMinor],
  };
}
