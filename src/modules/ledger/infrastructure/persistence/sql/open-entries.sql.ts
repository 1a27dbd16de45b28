import type { Sql } from '../../../../../platform/database';
import type { AccountRef } from '../../../domain/posting';
import type { JournalEntry } from '../../../domain/journal-entry';
import { IS_LISTED } from './listed-accounts.sql';

const TEXT = `
  WITH listed AS MATERIALIZED (SELECT array_agg(id ORDER BY id) AS ids FROM unnest($2::uuid[]) id),
  existing AS MATERIALIZED (SELECT count(*) AS accounts FROM ledger.accounts a WHERE a.tenant_id = $1
    AND ${IS_LISTED}),
  opened AS (
    INSERT INTO ledger.entries (tenant_id, id, reference, kind, actor, content_hash, occurred_at)
    SELECT $1, e.id, e.reference, e.kind, e.actor, e.content_hash, coalesce(e.occurred_at, now())
      FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::timestamptz[])
        AS e (id, reference, kind, actor, content_hash, occurred_at)
     ORDER BY e.reference
    ON CONFLICT (tenant_id, reference) DO NOTHING
    RETURNING id)
  SELECT opened.id, existing.accounts = cardinality($2) AS accounts_exist FROM opened CROSS JOIN existing`;

/**
 * Inserts the entries with new references and returns their ids, and whether all accounts exist. A concurrent
 * insert of the same reference waits here for the end of the other transaction. Ordered by reference, so that two
 * batches that share references cannot deadlock.
 */
export function openEntries(
  tenant: string,
  accounts: ReadonlyMap<string, AccountRef>,
  entries: readonly JournalEntry[],
): Sql<{ id: string; accounts_exist: boolean }> {
  return {
    name: 'ledger.open-entries',
    text: TEXT,
    values: [
      tenant,
      [...accounts.keys()],
      entries.map((entry) => entry.id),
      entries.map((entry) => entry.reference),
      entries.map((entry) => entry.kind),
      entries.map((entry) => entry.actor),
      entries.map((entry) => entry.contentHash),
      entries.map((entry) => entry.occurredAt),
    ],
  };
}
