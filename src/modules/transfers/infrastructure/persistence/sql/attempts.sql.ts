import type { Sql } from '../../../../../platform/database';
import type { AttemptClosed, AttemptOpened } from '../../../application/ports';

/** Committed before the call is made (docs/invariants.md F1). */
export function insertAttempts(tenantId: string, opened: readonly AttemptOpened[]): Sql<unknown> {
  return {
    name: 'insert_attempts',
    text: `
      INSERT INTO transfers.attempts (tenant_id, transfer_id, number, call_kind, generation, key, destination,
        started_at)
      SELECT $1, n.transfer_id, n.number, n.call_kind, n.generation, n.key, n.destination, clock_timestamp()
        FROM unnest($2::uuid[], $3::int[], $4::text[], $5::int[], $6::text[], $7::text[])
          AS n(transfer_id, number, call_kind, generation, key, destination)`,
    values: [
      tenantId,
      opened.map((a) => a.transferId),
      opened.map((a) => a.number),
      opened.map((a) => a.callKind),
      opened.map((a) => a.generation),
      opened.map((a) => a.key),
      opened.map((a) => a.destination),
    ],
  };
}

/** Closes open attempts only; the second outcome of an attempt changes nothing. */
export function closeAttempts(tenantId: string, closed: readonly AttemptClosed[]): Sql<unknown> {
  return {
    name: 'close_attempts',
    text: `
      UPDATE transfers.attempts a
         SET outcome = n.outcome, http_status = n.http_status, provider_code = n.provider_code,
             provider_request_id = n.provider_request_id, reason = n.reason, finished_at = clock_timestamp()
        FROM unnest($2::uuid[], $3::int[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[])
          AS n(transfer_id, number, outcome, http_status, provider_code, provider_request_id, reason)
       WHERE a.tenant_id = $1 AND a.transfer_id = n.transfer_id AND a.number = n.number
         AND a.finished_at IS NULL`,
    values: [
      tenantId,
      closed.map((a) => a.transferId),
      closed.map((a) => a.number),
      closed.map((a) => a.outcome.kind),
      closed.map((a) => a.outcome.httpStatus),
      closed.map((a) => a.outcome.providerCode),
      closed.map((a) => a.outcome.providerRequestId),
      closed.map((a) => a.outcome.reason),
    ],
  };
}

/** The leases of these calls ran out. */
export function abandonAttempts(tenantId: string, transferIds: readonly string[]): Sql<unknown> {
  return {
    name: 'abandon_attempts',
    text: `
      UPDATE transfers.attempts SET outcome = 'abandoned', reason = 'lease_expired',
        finished_at = clock_timestamp()
       WHERE tenant_id = $1 AND transfer_id = ANY($2::uuid[]) AND finished_at IS NULL`,
    values: [tenantId, transferIds],
  };
}

/** Every destination that a call of the transfer was for. */
export function findDestinationsUsed(
  tenantId: string,
  transferIds: readonly string[],
): Sql<{ transfer_id: string; destinations: string[] }> {
  return {
    text: `
      SELECT transfer_id, array_agg(DISTINCT destination) AS destinations
        FROM transfers.attempts WHERE tenant_id = $1 AND transfer_id = ANY($2::uuid[]) GROUP BY transfer_id`,
    values: [tenantId, transferIds],
  };
}
