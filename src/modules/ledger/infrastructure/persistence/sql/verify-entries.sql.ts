import type { Sql } from '../../../../../platform/database';
import { comparison, type ComparisonRow } from './comparison.sql';

const CHECKS = ['entry_content', 'one_currency'];

/** Hashes the same text as domain/journal-entry.ts, so that lost, added or changed postings are found. */
const COMPARED = `
  SELECT 'entry_content' AS check_name, e.reference AS subject, encode(e.content_hash, 'hex') AS expected,
         encode(sha256(convert_to(e.kind || E'\\n' || coalesce(l.lines, ''), 'UTF8')), 'hex') AS actual
    FROM ledger.entries e
    LEFT JOIN (
      SELECT p.entry_id, string_agg(line, E'\\n' ORDER BY line COLLATE "C") AS lines
        FROM ledger.postings p
       CROSS JOIN LATERAL (SELECT concat(p.from_account_id, ' ', p.to_account_id, ' ', p.minor) AS line) t
       WHERE p.tenant_id = $1
       GROUP BY p.entry_id) l ON l.entry_id = e.id
   WHERE e.tenant_id = $1
  UNION ALL
  SELECT 'one_currency', e.reference, f.currency, t.currency
    FROM ledger.postings p
    JOIN ledger.entries e ON e.tenant_id = $1 AND e.id = p.entry_id
    JOIN ledger.accounts f ON f.tenant_id = $1 AND f.id = p.from_account_id
    JOIN ledger.accounts t ON t.tenant_id = $1 AND t.id = p.to_account_id
   WHERE p.tenant_id = $1`;

export function verifyEntries(tenant: string): Sql<ComparisonRow> {
  return comparison(tenant, CHECKS, '', COMPARED);
}
