import type { Sql } from '../../../../../platform/database';
import type { AccountRef } from '../../../domain/posting';
import type { JournalEntry } from '../../../domain/journal-entry';
import { accountValues, ENSURE_ACCOUNTS } from './ensure-accounts.sql';

const TEXT = `
  WITH ensured AS (${ENSURE_ACCOUNTS})
  INSERT INTO ledger.entries (tenant_id, id, reference, kind, actor, content_hash, occurred_at)
  SELECT $1, e.id, e.reference, e.kind, e.actor, e.content_hash, coalesce(e.occurred_at, now())
    FROM unnest($8::uuid[], $9::text[], $10::text[], $11::text[], $12::bytea[], $13::timestamptz[])
      AS e (id, reference, kind, actor, content_hash, occurred_at)
   ORDER BY e.reference
  ON CONFLICT (tenant_id, reference) DO NOTHING
  RETURNING id`;

/**
 * Writes the entries whose references are new, and answers their ids. A poster of the same reference waits here for the other
 * one's end; in order of reference, because two batches that share two references would otherwise wait for each other. The
 * accounts travel along.
 */
export function openEntries(tenant: string, accounts: ReadonlyMap<string, AccountRef>, entries: readonly JournalEntry[]): Sql<{ id: string }> {
  return {
    name: 'ledger.open-entries',
    text: TEXT,
    values: [
      tenant,
      ...accountValues(accounts),
      entries.map((entry) => entry.id),
      entries.map((entry) => entry.reference),
      entries.map((entry) => entry.kind),
      entries.map((entry) => entry.actor),
      entries.map((entry) => entry.contentHash),
      entries.map((entry) => entry.occurredAt),
    ],
  };
}
