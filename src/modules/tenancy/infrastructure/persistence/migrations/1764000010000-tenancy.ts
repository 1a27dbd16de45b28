import { moduleSchema, SqlMigration, tenantRowSecurity } from '../../../../../platform/database';

/**
 * A tenant's row has its own id as the tenant: it is created in a transaction that was opened under the new
 * id.
 */
const TENANTS = [
  `CREATE TABLE tenancy.tenants (
     id uuid PRIMARY KEY,
     name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
     slug text NOT NULL CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
     status text NOT NULL CHECK (status IN ('active', 'suspended')),
     created_at timestamptz NOT NULL DEFAULT now()
   )`,
  `CREATE INDEX tenants_by_slug ON tenancy.tenants (slug)`,
  `CREATE INDEX tenants_by_age ON tenancy.tenants (created_at, id)`,
  // text_pattern_ops: a prefix is a range of this order, whatever the locale of the database.
  `CREATE INDEX tenants_by_name ON tenancy.tenants (lower(name) text_pattern_ops)`,
  ...tenantRowSecurity({
    table: 'tenancy.tenants',
    tenantColumn: 'id',
    app: ['INSERT', 'UPDATE'],
    updatable: ['name', 'status'],
    // The system finds a tenant by the slug of a host name, and lists tenants for platform administrators.
    routing: ['id', 'status', 'slug', 'name', 'created_at'],
  }),
];

/**
 * The approval limits are two parallel arrays, not JSON: money stays bigint, and the settings stay one row
 * that one statement reads.
 */
const SETTINGS = [
  `CREATE TABLE tenancy.settings (
     tenant_id uuid PRIMARY KEY,
     allowed_currencies text[] NOT NULL DEFAULT '{EUR,UAH,USD}' CHECK (cardinality(allowed_currencies) > 0),
     max_attempts int NOT NULL DEFAULT 3 CHECK (max_attempts BETWEEN 1 AND 20),
     approval_currencies text[] NOT NULL DEFAULT '{}',
     approval_above_minor bigint[] NOT NULL DEFAULT '{}',
     updated_at timestamptz NOT NULL DEFAULT now(),
     CHECK (cardinality(approval_currencies) = cardinality(approval_above_minor)),
     CHECK (approval_currencies <@ allowed_currencies),
     CHECK (0 <= ALL (approval_above_minor) AND array_position(approval_above_minor, NULL) IS NULL)
   )`,
  ...tenantRowSecurity({
    table: 'tenancy.settings',
    app: ['INSERT', 'UPDATE'],
    updatable: [
      'allowed_currencies',
      'max_attempts',
      'approval_currencies',
      'approval_above_minor',
      'updated_at',
    ],
  }),
];

const BRANDING = [
  `CREATE TABLE tenancy.branding (
     tenant_id uuid PRIMARY KEY,
     display_name text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 200),
     logo_url text CHECK (starts_with(logo_url, 'https://') AND length(logo_url) <= 2000),
     primary_color text CHECK (primary_color ~ '^#[0-9a-f]{6}$'),
     support_email text CHECK (length(support_email) <= 254),
     support_url text CHECK (starts_with(support_url, 'https://') AND length(support_url) <= 2000),
     updated_at timestamptz NOT NULL DEFAULT now()
   )`,
  ...tenantRowSecurity({
    table: 'tenancy.branding',
    app: ['INSERT', 'UPDATE'],
    updatable: ['display_name', 'logo_url', 'primary_color', 'support_email', 'support_url', 'updated_at'],
  }),
];

/** A feature without a row is off. */
const FEATURES = [
  `CREATE TABLE tenancy.features (
     tenant_id uuid NOT NULL,
     name text NOT NULL CHECK (name ~ '^[a-z_]{1,64}$'),
     enabled boolean NOT NULL,
     updated_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (tenant_id, name)
   )`,
  ...tenantRowSecurity({
    table: 'tenancy.features',
    app: ['INSERT', 'UPDATE'],
    updatable: ['enabled', 'updated_at'],
  }),
];

/** Tenants, their settings, branding and features. */
export class Tenancy1764000010000 extends SqlMigration {
  readonly name = 'Tenancy1764000010000';

  statements(): string[] {
    return [...moduleSchema('tenancy'), ...TENANTS, ...SETTINGS, ...BRANDING, ...FEATURES];
  }
}
