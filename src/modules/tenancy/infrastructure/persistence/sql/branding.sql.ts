import type { Sql } from '../../../../../platform/database';
import type { Branding } from '../../../contract';

export interface BrandingRow {
  readonly display_name: string;
  readonly logo_url: string | null;
  readonly primary_color: string | null;
  readonly support_email: string | null;
  readonly support_url: string | null;
}

const COLUMNS = 'display_name, logo_url, primary_color, support_email, support_url';

/** Of two concurrent first reads the second waits for the first and inserts nothing. */
export function insertDefaultBranding(tenant: string): Sql<unknown> {
  return {
    text: `INSERT INTO tenancy.branding (tenant_id, display_name) SELECT id, name FROM tenancy.tenants
      WHERE id = $1 ON CONFLICT DO NOTHING`,
    values: [tenant],
  };
}

export function readBranding(tenant: string): Sql<BrandingRow> {
  return { text: `SELECT ${COLUMNS} FROM tenancy.branding WHERE tenant_id = $1`, values: [tenant] };
}

/** Of two concurrent changes the second sees the result of the first. */
export function lockBranding(tenant: string): Sql<BrandingRow> {
  return {
    text: `SELECT ${COLUMNS} FROM tenancy.branding WHERE tenant_id = $1 FOR UPDATE`,
    values: [tenant],
  };
}

export function updateBranding(tenant: string, b: Branding): Sql<unknown> {
  return {
    text: `UPDATE tenancy.branding SET display_name = $2, logo_url = $3, primary_color = $4,
      support_email = $5, support_url = $6, updated_at = now() WHERE tenant_id = $1`,
    values: [tenant, b.displayName, b.logoUrl, b.primaryColor, b.supportEmail, b.supportUrl],
  };
}
