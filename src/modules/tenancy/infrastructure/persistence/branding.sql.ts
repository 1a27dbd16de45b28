import type { Sql } from '../../../../platform/database';
import type { Branding } from '../../contract';

export interface BrandingRow {
  readonly display_name: string;
  readonly logo_url: string | null;
  readonly primary_color: string | null;
  readonly support_email: string | null;
  readonly support_url: string | null;
}

const COLUMNS = 'display_name, logo_url, primary_color, support_email, support_url';

/** Two first reads at once: the second waits for the first and adds nothing. */
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

/** Two changes at once: the second sees what the first has left. */
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
