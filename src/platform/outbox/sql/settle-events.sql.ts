import type { Sql } from '../../database';

/**
 * All three statements write only under the lease of the claim. An operator may release a parked event while
 * its batch is still being delivered; marked as delivered without this check, it would be lost.
 */
export interface ClaimedEvents {
  readonly tenant: string;
  readonly ids: string[];
  readonly lease: string;
}

/** Every handler has had these, or they are parked. */
export function markDelivered(p: ClaimedEvents): Sql<never> {
  return {
    name: 'outbox-mark-delivered',
    text: `UPDATE platform.outbox SET delivered_at = now() WHERE tenant_id = $1 AND id = ANY($2::uuid[])
      AND available_at = $3::timestamptz AND delivered_at IS NULL`,
    values: [p.tenant, p.ids, p.lease],
  };
}

/** Failed: due later, with a pause that doubles up to `pauseMaxMs` and varies by a quarter. */
export function postpone(p: ClaimedEvents & { pauseMs: number; pauseMaxMs: number }): Sql<never> {
  return {
    name: 'outbox-postpone',
    text: `UPDATE platform.outbox
              SET tries = tries + 1,
                  available_at = now() + least($4 * power(2, least(tries, 20)),
                    $5) * (0.75 + random() * 0.5) * interval '1 millisecond'
            WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND available_at = $3::timestamptz
              AND delivered_at IS NULL`,
    values: [p.tenant, p.ids, p.lease, p.pauseMs, p.pauseMaxMs],
  };
}

/** Something a handler needs is unavailable: due again soon, and no try is counted. */
export function giveBack(p: ClaimedEvents & { pauseMs: number }): Sql<never> {
  return {
    name: 'outbox-give-back',
    text: `UPDATE platform.outbox SET available_at = now() + $4 * interval '1 millisecond'
            WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND available_at = $3::timestamptz
              AND delivered_at IS NULL`,
    values: [p.tenant, p.ids, p.lease, p.pauseMs],
  };
}
