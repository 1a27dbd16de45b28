import type { Sql } from '../../../../../platform/database';
import type { NewTenant } from '../../../application/ports';
import type { TenantSettings, TenantStatus } from '../../../contract';

export interface TenantRow {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
  readonly status: TenantStatus;
  readonly created_at: Date;
}

export interface SettingsRow {
  readonly allowed_currencies: string[] | null;
  readonly max_attempts: number | null;
  readonly approval_currencies: string[] | null;
  /** Elements of an int8[] arrive as text. */
  readonly approval_above_minor: string[] | null;
  readonly read_only: boolean;
}

/** Of two concurrent inserts the second waits for the primary key and inserts nothing. */
export function insertTenant(t: NewTenant): Sql<{ created_at: Date }> {
  return {
    text: `INSERT INTO tenancy.tenants (id, name, slug, status) VALUES ($1, $2, $3, $4)
      ON CONFLICT (id) DO NOTHING RETURNING created_at`,
    values: [t.id, t.name, t.slug, t.status],
  };
}

export function findTenant(id: string): Sql<TenantRow> {
  return {
    name: 'tenancy.find',
    text: `SELECT id, name, slug, status, created_at FROM tenancy.tenants WHERE id = $1`,
    values: [id],
  };
}

export function locateTenant(slug: string): Sql<{ id: string }> {
  return { name: 'tenancy.locate', text: `SELECT id FROM tenancy.tenants WHERE slug = $1`, values: [slug] };
}

/**
 * FOR SHARE: payments do not wait for each other, and a suspension is committed after those that read `active`
 * and before all others.
 */
export function lockActive(id: string): Sql<{ id: string }> {
  return {
    name: 'tenancy.lock-active',
    text: `SELECT id FROM tenancy.tenants WHERE id = $1 AND status = 'active' FOR SHARE`,
    values: [id],
  };
}

export function suspendedAmong(ids: readonly string[]): Sql<{ id: string }> {
  return {
    text: `SELECT id FROM tenancy.tenants WHERE id = ANY($1::uuid[]) AND status = 'suspended'`,
    values: [ids],
  };
}

/** Locks before it reads, so that of two concurrent changes the second sees the result of the first. */
export function updateStatus(id: string, status: TenantStatus): Sql<{ before: TenantStatus }> {
  return {
    text: `UPDATE tenancy.tenants t SET status = $2
             FROM (SELECT id, status FROM tenancy.tenants WHERE id = $1 FOR UPDATE) locked
               WHERE t.id = locked.id RETURNING locked.status AS before`,
    values: [id, status],
  };
}

/** Always one row: one round trip shows whether there are settings, and whether they can be created. */
export function readSettings(tenant: string): Sql<SettingsRow> {
  return {
    name: 'tenancy.settings',
    text: `SELECT s.allowed_currencies, s.max_attempts, s.approval_currencies, s.approval_above_minor,
      current_setting('transaction_read_only') = 'on' AS read_only
             FROM (SELECT $1::uuid AS tenant_id) t LEFT JOIN tenancy.settings s USING (tenant_id)`,
    values: [tenant],
  };
}

/** Of two concurrent changes the second sees the result of the first. */
export function lockSettings(tenant: string): Sql<SettingsRow> {
  return {
    text: `SELECT allowed_currencies, max_attempts, approval_currencies, approval_above_minor, false
      AS read_only
             FROM tenancy.settings WHERE tenant_id = $1 FOR UPDATE`,
    values: [tenant],
  };
}

/** Of two concurrent first reads the second waits for the first and inserts nothing. */
export function insertDefaultSettings(tenant: string): Sql<unknown> {
  return {
    text: `INSERT INTO tenancy.settings (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING`,
    values: [tenant],
  };
}

export function updateSettings(tenant: string, s: TenantSettings): Sql<unknown> {
  return {
    text: `UPDATE tenancy.settings
              SET allowed_currencies = $2, max_attempts = $3, approval_currencies = $4,
                approval_above_minor = $5::bigint[], updated_at = now()
            WHERE tenant_id = $1`,
    values: [
      tenant,
      s.allowedCurrencies,
      s.maxAttempts,
      [...s.approvalAbove.keys()],
      [...s.approvalAbove.values()],
    ],
  };
}
