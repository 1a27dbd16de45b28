import type { Sql } from '../../../../../platform/database';

/**
 * The content of entries that were there already. A statement of its own: only a later snapshot sees what we
 * waited for.
 */
export function knownContents(
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
