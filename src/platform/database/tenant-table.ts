import { APP, OWNER, SYSTEM } from './roles';

export interface TenantTable {
  /** `schema.table`; it has a column tenant_id unless `tenantColumn` says otherwise. */
  readonly table: string;
  readonly tenantColumn?: string;
  /** What the application may do in addition to SELECT. Append-only tables have INSERT only. */
  readonly app: readonly ('INSERT' | 'UPDATE' | 'DELETE')[];
  /** UPDATE for these columns only, instead of the whole row. */
  readonly updatable?: readonly string[];
  /** Columns the system role may read in order to find work. Never an amount, never personal data. */
  readonly routing?: readonly string[];
}

/**
 * The statements that restrict a table to the tenant of the transaction by row-level security. FORCE applies
 * it to the owner too; the owner has a policy of its own because a data migration would otherwise update no
 * row and report no error. NULLIF: after the first transaction of a connection the setting reads as ''.
 */
export function tenantRowSecurity(t: TenantTable): string[] {
  const column = t.tenantColumn ?? 'tenant_id';
  const own = `${column} = NULLIF(current_setting('app.tenant_id', true), '')::uuid`;
  const grants = ['SELECT', ...t.app.filter((right) => right !== 'UPDATE' || !t.updatable)];
  const statements = [
    `ALTER TABLE ${t.table} ENABLE ROW LEVEL SECURITY`,
    `ALTER TABLE ${t.table} FORCE ROW LEVEL SECURITY`,
    `CREATE POLICY tenant ON ${t.table} TO ${APP} USING (${own}) WITH CHECK (${own})`,
    `CREATE POLICY owner_migrates ON ${t.table} TO ${OWNER} USING (true) WITH CHECK (true)`,
    `GRANT ${grants.join(', ')} ON ${t.table} TO ${APP}`,
  ];
  if (t.updatable) statements.push(`GRANT UPDATE (${t.updatable.join(', ')}) ON ${t.table} TO ${APP}`);
  if (t.routing) {
    statements.push(`CREATE POLICY system_routes ON ${t.table} FOR SELECT TO ${SYSTEM} USING (true)`);
    statements.push(`GRANT SELECT (${t.routing.join(', ')}) ON ${t.table} TO ${SYSTEM}`);
  }
  return statements;
}

/** A module's schema, usable by the two logins that work in it. */
export function moduleSchema(name: string): string[] {
  return [`CREATE SCHEMA IF NOT EXISTS ${name}`, `GRANT USAGE ON SCHEMA ${name} TO ${APP}, ${SYSTEM}`];
}

/**
 * Rejects a change of a written row from every role, the owner included, in addition to the missing
 * privileges.
 */
export function appendOnly(table: string): string[] {
  return [
    `CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ${table}
       FOR EACH ROW EXECUTE FUNCTION platform.refuse_change()`,
    `CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON ${table}
       FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change()`,
  ];
}
