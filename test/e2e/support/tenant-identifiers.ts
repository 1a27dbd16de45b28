import { Client } from 'pg';

/**
 * Ids, names at the provider, key prefixes, and words that begin with a marker: what identifies a tenant's data.
 */
const IDENTIFIER =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\w+_sim_\w+|\bdk_\w{8}|\b(?:amber|birch)-\w+/g;

export function identifiersIn(text: string): string[] {
  return text.match(IDENTIFIER) ?? [];
}

/** Every identifier in every row of a tenant, read as the superuser. */
export async function identifiersOf(adminUrl: string, tenantId: string): Promise<Set<string>> {
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    const { rows: tables } = await admin.query<{ name: string }>(
      `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_attribute a JOIN pg_class c
        ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE a.attname = 'tenant_id' AND c.relkind = 'r'`,
    );
    const found = new Set<string>();
    for (const { name } of tables) {
      const { rows } = await admin.query<{ row: string }>(
        `SELECT t::text AS row FROM ${name} t WHERE tenant_id = $1`,
        [tenantId],
      );
      for (const { row } of rows) for (const word of identifiersIn(row)) found.add(word);
    }
    return found;
  } finally {
    await admin.end();
  }
}
