import type { Sql } from '../../../../../platform/database';

export function enabledFeatures(tenant: string): Sql<{ name: string }> {
  return {
    name: 'tenancy.features',
    text: `SELECT name FROM tenancy.features WHERE tenant_id = $1 AND enabled`,
    values: [tenant],
  };
}

export function insertFeature(tenant: string, name: string): Sql<unknown> {
  return {
    text: `INSERT INTO tenancy.features (tenant_id, name, enabled) VALUES ($1, $2, false)
      ON CONFLICT DO NOTHING`,
    values: [tenant, name],
  };
}

/** Of two equal concurrent changes the second waits for the first and changes nothing. */
export function updateFeature(tenant: string, name: string, enabled: boolean): Sql<unknown> {
  return {
    text: `UPDATE tenancy.features SET enabled = $3, updated_at = now() WHERE tenant_id = $1 AND name = $2
      AND enabled <> $3`,
    values: [tenant, name, enabled],
  };
}
