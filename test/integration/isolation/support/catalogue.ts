import type { Client } from 'pg';
import { APP, OWNER, SYSTEM } from '../../../../src/platform/database';

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  /** Has a default, an identity or a generation expression: a row may leave it out. */
  readonly filled: boolean;
  readonly updatable: boolean;
  readonly systemReads: boolean;
  readonly systemWrites: boolean;
}

export interface Policy {
  readonly name: string;
  readonly permissive: string;
  readonly roles: readonly string[];
  readonly command: string;
  readonly using: string | null;
  readonly check: string | null;
}

export interface Table {
  /** `schema.table` */
  readonly name: string;
  readonly kind: 'table' | 'view';
  readonly owner: string;
  readonly rls: boolean;
  readonly forced: boolean;
  readonly options: readonly string[];
  readonly columns: readonly Column[];
  readonly policies: readonly Policy[];
  /** First column of each unique index; null for an expression. */
  readonly uniques: readonly { name: string; primary: boolean; first: string | null }[];
  readonly references: readonly {
    name: string;
    columns: readonly string[];
    target: string;
    targetColumns: readonly string[];
  }[];
  readonly triggers: readonly string[];
  readonly checks: readonly string[];
  readonly appReads: boolean;
  readonly appMay: readonly string[];
  readonly systemMay: readonly string[];
}

export interface Login {
  readonly name: string;
  readonly powers: readonly string[];
}

export interface OwnedFunction {
  readonly name: string;
  readonly owner: string;
  readonly definer: boolean;
  readonly settings: readonly string[];
  readonly answers: readonly string[];
  readonly open: boolean;
}

export interface Catalogue {
  readonly tables: readonly Table[];
  readonly logins: readonly Login[];
  readonly functions: readonly OwnedFunction[];
  /** Sequences, types and schemas that the owner does not own. */
  readonly strangers: readonly string[];
}

/** What the owner made: everything but the server's own schemas and the migrations' book-keeping. */
const OURS = `n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public', 'migrations')`;

const RIGHTS = `ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']`;

const names = (list: string) => `coalesce((${list}), '[]')`;

const TABLES = `
  SELECT n.nspname || '.' || c.relname AS name, CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END
    AS kind,
         pg_get_userbyid(c.relowner) AS owner, c.relrowsecurity AS rls, c.relforcerowsecurity AS forced,
         coalesce(c.reloptions, '{}') AS options,
         ${names(`SELECT json_agg(json_build_object(
             'name', a.attname, 'type', format_type(a.atttypid, NULL), 'notNull', a.attnotnull,
             'filled', a.atthasdef OR a.attidentity <> '' OR a.attgenerated <> '',
             'updatable', has_column_privilege('${APP}', c.oid, a.attnum, 'UPDATE'),
             'systemReads', has_column_privilege('${SYSTEM}', c.oid, a.attnum, 'SELECT'),
             'systemWrites', has_column_privilege('${SYSTEM}', c.oid, a.attnum, 'UPDATE')) ORDER BY a.attnum)
           FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped`)} AS columns,
         ${names(`SELECT json_agg(json_build_object('name', p.policyname, 'permissive', p.permissive, 'roles', p.roles, 'command', p.cmd, 'using', p.qual, 'check', p.with_check))
           FROM pg_policies p WHERE p.schemaname = n.nspname AND p.tablename = c.relname`)} AS policies,
         ${names(`SELECT json_agg(json_build_object('name', i.indexrelid::regclass::text, 'primary', i.indisprimary,
             'first', (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = i.indkey[0])))
           FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique`)} AS uniques,
         ${names(`SELECT json_agg(json_build_object('name', f.conname, 'target', f.confrelid::regclass::text,
             'columns', (SELECT array_agg(a.attname ORDER BY k.place) FROM unnest(f.conkey) WITH ORDINALITY k(number, place) JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.number),
             'targetColumns', (SELECT array_agg(a.attname ORDER BY k.place) FROM unnest(f.confkey) WITH ORDINALITY k(number, place) JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.number)))
           FROM pg_constraint f WHERE f.conrelid = c.oid AND f.contype = 'f'`)} AS references,
         ${names(`SELECT json_agg(t.tgname) FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D'`)}
           AS triggers,
         ${names(`SELECT json_agg(pg_get_constraintdef(k.oid)) FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c'`)}
           AS checks,
         has_any_column_privilege('${APP}', c.oid, 'SELECT') AS "appReads",
         ${names(`SELECT json_agg(r) FROM unnest(${RIGHTS}) r WHERE has_table_privilege('${APP}', c.oid, r)`)}
           AS "appMay",
         ${names(`SELECT json_agg(r) FROM unnest(${RIGHTS}) r WHERE has_table_privilege('${SYSTEM}', c.oid, r)`)}
           AS "systemMay"
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ${OURS}
   ORDER BY 1`;

const LOGINS = `
  SELECT r.rolname AS name, array_remove(ARRAY[
           CASE WHEN r.rolsuper THEN 'is a superuser' END,
           CASE WHEN r.rolbypassrls THEN 'bypasses row-level security' END,
           CASE WHEN r.rolcreaterole THEN 'creates roles' END,
           CASE WHEN r.rolcreatedb THEN 'creates databases' END,
           CASE WHEN r.rolreplication THEN 'replicates' END,
           CASE WHEN EXISTS (SELECT 1 FROM pg_auth_members m WHERE m.member = r.oid)
             THEN 'is a member of a role' END,
           CASE WHEN EXISTS (SELECT 1 FROM pg_auth_members m WHERE m.roleid = r.oid
             AND m.member NOT IN (SELECT oid FROM pg_roles WHERE rolsuper)) THEN 'has members' END,
           CASE WHEN r.rolname <> '${OWNER}' AND has_database_privilege(r.oid, current_database(), 'CREATE')
             THEN 'creates schemas' END,
           CASE WHEN r.rolname <> '${OWNER}'
             AND EXISTS (SELECT 1 FROM pg_namespace n WHERE has_schema_privilege(r.oid, n.oid, 'CREATE')
             AND n.nspname !~ '^pg_') THEN 'creates tables' END,
           CASE WHEN r.rolname <> '${OWNER}' AND EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = r.oid)
             THEN 'owns tables' END
         ], NULL) AS powers
    FROM pg_roles r WHERE r.rolname IN ('${OWNER}', '${APP}', '${SYSTEM}') ORDER BY 1`;

const FUNCTIONS = `
  SELECT n.nspname || '.' || p.proname AS name, pg_get_userbyid(p.proowner) AS owner, p.prosecdef
    AS definer, coalesce(p.proconfig, '{}') AS settings,
         ${names(`SELECT json_agg(coalesce(p.proargnames[a.place], '?')) FROM unnest(p.proargmodes) WITH ORDINALITY a(mode, place) WHERE a.mode IN ('o', 'b', 't')`)}
           AS answers,
         has_function_privilege('public', p.oid, 'EXECUTE') AS open
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${OURS} ORDER BY 1`;

const STRANGERS = `
  SELECT n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind = 'S' AND ${OURS} AND pg_get_userbyid(c.relowner) <> '${OWNER}'
   UNION ALL SELECT n.nspname FROM pg_namespace n WHERE ${OURS}
     AND pg_get_userbyid(n.nspowner) <> '${OWNER}'`;

/** Reads what PostgreSQL itself knows, so that a table made tomorrow is looked at without a line here. */
export async function readCatalogue(client: Client): Promise<Catalogue> {
  const rows = async <Row extends object>(text: string): Promise<Row[]> =>
    (await client.query<Row>(text)).rows;
  return {
    tables: await rows<Table>(TABLES),
    logins: await rows<Login>(LOGINS),
    functions: await rows<OwnedFunction>(FUNCTIONS),
    strangers: (await rows<{ name: string }>(STRANGERS)).map(({ name }) => name),
  };
}

/** Where a row says whose it is; null for a table of nobody. */
export function tenantColumnOf(table: Table): string | null {
  if (table.columns.some((column) => column.name === 'tenant_id')) return 'tenant_id';
  // A tenant's own row is the tenant's.
  return table.name === 'tenancy.tenants' ? 'id' : null;
}

export function tenantTables(catalogue: Catalogue): Table[] {
  return catalogue.tables.filter((table) => table.kind === 'table' && tenantColumnOf(table) !== null);
}
