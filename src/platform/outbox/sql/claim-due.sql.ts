import type { Sql } from '../../database';

export interface ClaimedRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly name: string;
  /**
   * Identifies this claim: later writes name it, so they do nothing once another relay has claimed the event
   * or an operator has released it. Text, because a Date has no microseconds.
   */
  readonly lease: string;
}

/**
 * Leases due events of a few tenants, at most `perTenant` each. The tenants are found by jumping from one to
 * the next in the index and chosen at random: oldest-first over all tenants would let one large settlement
 * delay all others. `busy` are tenants this process already works on. SKIP LOCKED, because rows that another
 * relay claims at this moment are no reason to wait.
 */
export function claimDue(p: {
  tenants: number;
  perTenant: number;
  leaseMs: number;
  busy: string[];
}): Sql<ClaimedRow> {
  return {
    name: 'outbox-claim-due',
    text: `
      WITH RECURSIVE waiting AS (
        (SELECT tenant_id FROM platform.outbox WHERE delivered_at IS NULL ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT o.tenant_id FROM platform.outbox o WHERE o.delivered_at IS NULL
          AND o.tenant_id > w.tenant_id ORDER BY o.tenant_id LIMIT 1)
          FROM waiting w WHERE w.tenant_id IS NOT NULL
      ), chosen AS (
        SELECT w.tenant_id FROM waiting w
         WHERE w.tenant_id <> ALL($4::uuid[])
           AND EXISTS (SELECT 1 FROM platform.outbox o WHERE o.tenant_id = w.tenant_id
             AND o.delivered_at IS NULL AND o.available_at <= now())
         ORDER BY random() LIMIT $1
      ), due AS (
        SELECT d.* FROM chosen c CROSS JOIN LATERAL (
          SELECT o.tenant_id, o.id FROM platform.outbox o
           WHERE o.tenant_id = c.tenant_id AND o.delivered_at IS NULL AND o.available_at <= now()
           ORDER BY o.available_at LIMIT $2 FOR UPDATE SKIP LOCKED
        ) d
      )
      UPDATE platform.outbox o SET available_at = now() + $3 * interval '1 millisecond'
        FROM due WHERE o.tenant_id = due.tenant_id AND o.id = due.id
      RETURNING o.tenant_id, o.id, o.name, o.available_at::text AS lease`,
    values: [p.tenants, p.perTenant, p.leaseMs, p.busy],
  };
}
