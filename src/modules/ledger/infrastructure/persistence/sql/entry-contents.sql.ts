import type { Sql } from '../../../../../platform/database';

/**
 * The content hashes of existing entries. A statement of its own, because only a later snapshot has the entries
 * for which openEntries waited.
 */
export function findContents(
  tenant: string,
  references: readonly string[],
): Sql<{ reference: string; content_hash: Buffer }> {
  return {
    name: 'ledger.known-contents',
    text: `SELECT reference, content_hash FROM ledger.entries WHERE tenant_id = $1
      AND reference = ANY($2::text[])`,
    values: [tenant, references],
  };
}
