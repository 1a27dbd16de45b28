import { createHash } from 'node:crypto';
import { newId } from '../../../../src/kernel/ids';
import type { TenantId } from '../../../../src/kernel/ids';
import { tenantColumnOf, type Column, type Table } from './catalogue';

export type Row = Readonly<Record<string, unknown>>;

/**
 * Column values where a CHECK asks for more than its column's type and list of words tell. One line per
 * table, on purpose.
 */
const SAMPLES: Readonly<Record<string, (tenant: TenantId) => Row>> = {
  'connections.rail_accounts': () => ({
    rail: 'manual',
    provider_account_id: null,
    secret_key: null,
    status: 'active',
  }),
  'identity.api_keys': () => ({ prefix: 'dk_A1b2C3d4', scopes: ['*'] }),
  'ledger.accounts': () => ({ kind: 'funding', owner: null, purpose: null, minor: null }),
  'payouts.payouts': () => ({ state: 'NEW' }),
  'platform.audit_log': () => ({ actor_kind: 'system', actor_id: null }),
  'settlements.payout_jobs': () => ({ status: 'pending', expanded_through: 0, total: 1 }),
  'settlements.settlements': () => ({
    state: 'checking',
    pool_minor: 1n,
    recorded_through: 0,
    reversed_through: 0,
    remainder_minor: 0n,
  }),
  'transfers.transfers': () => ({ state: 'pending' }),
};

/**
 * A row of `tenant` that the table's own rules accept; who it is for stands in every text that may say it.
 */
export function rowFor(table: Table, tenant: TenantId): Row {
  const tenantColumn = tenantColumnOf(table) as string;
  const needed = table.columns.filter((column) => column.notNull && !column.filled);
  const generated = Object.fromEntries(
    needed.map((column) => [column.name, valueFor(column, table, tenant)]),
  );
  return { ...generated, ...SAMPLES[table.name]?.(tenant), [tenantColumn]: tenant };
}

export function sampledTables(): string[] {
  return Object.keys(SAMPLES);
}

export function insertOf(table: Table, row: Row): { text: string; values: unknown[] } {
  const columns = Object.keys(row);
  return {
    text: `INSERT INTO ${table.name} (${columns.join(', ')})
      VALUES (${columns.map((_, index) => `$${index + 1}`).join(', ')})`,
    values: Object.values(row),
  };
}

const BY_TYPE: Readonly<Record<string, (tenant: TenantId) => unknown>> = {
  uuid: () => newId(),
  boolean: () => false,
  smallint: () => 1,
  integer: () => 1,
  bigint: () => 1n,
  'timestamp with time zone': () => new Date(),
  date: () => new Date(),
  jsonb: () => ({}),
  bytea: (tenant) => createHash('sha256').update(tenant).digest(),
  'text[]': (tenant) => [tenant],
  'uuid[]': (tenant) => [tenant],
};

function valueFor(column: Column, table: Table, tenant: TenantId): unknown {
  if (column.type === 'text') return textFor(column, table, tenant);
  const make = BY_TYPE[column.type];
  if (!make)
    throw new Error(`${table.name}.${column.name}: a row of the type ${column.type} needs a line in BY_TYPE`);
  return make(tenant);
}

/** The first of the words a CHECK lists, a text of the pattern it asks for, or the tenant itself. */
function textFor(column: Column, table: Table, tenant: TenantId): string {
  const own = table.checks.filter((check) => new RegExp(`\\b${column.name}\\b`).test(check));
  const listed = own
    .map((check) => new RegExp(`\\(${column.name} = ANY \\(ARRAY\\['([^']+)'`).exec(check)?.[1])
    .find(Boolean);
  if (listed) return listed;
  const patterns = own.flatMap(
    (check) => new RegExp(`\\(${column.name} ~ '(.+?)'::text`).exec(check)?.[1] ?? [],
  );
  const known = [
    tenant,
    'of_a_tenant',
    'transfer.completed',
    'USD',
    'US',
    tenant.replaceAll('-', '').repeat(2),
  ];
  return known.find((text) => patterns.every((pattern) => new RegExp(pattern).test(text))) ?? tenant;
}
