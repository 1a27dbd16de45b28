import { behindTenantWall, SqlMigration } from '../../../../../platform/database';

/** A feature that was never touched has no row, and is off. */
export class BrandingAndFeatures1763720060000 extends SqlMigration {
  readonly name = 'BrandingAndFeatures1763720060000';

  statements(): string[] {
    return [
      `CREATE TABLE tenancy.branding (
         tenant_id     uuid PRIMARY KEY,
         display_name  text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 200),
         logo_url      text CHECK (starts_with(logo_url, 'https://') AND length(logo_url) <= 2000),
         primary_color text CHECK (primary_color ~ '^#[0-9a-f]{6}$'),
         support_email text CHECK (length(support_email) <= 254),
         support_url   text CHECK (starts_with(support_url, 'https://') AND length(support_url) <= 2000),
         updated_at    timestamptz NOT NULL DEFAULT now()
       )`,
      `CREATE TABLE tenancy.features (
         tenant_id  uuid NOT NULL,
         name       text NOT NULL CHECK (name ~ '^[a-z_]{1,64}$'),
         enabled    boolean NOT NULL,
         updated_at timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (tenant_id, name)
       )`,
      ...behindTenantWall({
        table: 'tenancy.branding',
        app: ['INSERT', 'UPDATE'],
        updatable: [
          'display_name',
          'logo_url',
          'primary_color',
          'support_email',
          'support_url',
          'updated_at',
        ],
      }),
      ...behindTenantWall({
        table: 'tenancy.features',
        app: ['INSERT', 'UPDATE'],
        updatable: ['enabled', 'updated_at'],
      }),
    ];
  }
}
