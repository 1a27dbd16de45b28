import { behindTenantWall, moduleSchema, SqlMigration } from '../../../../../platform/database';

/** A tenant's own row is behind its own wall: whoever makes one has opened a transaction under its id. */
export class Tenancy1763710000000 extends SqlMigration {
  readonly name = 'Tenancy1763710000000';

  statements(): string[] {
    return [
      ...moduleSchema('tenancy'),
      `CREATE TABLE tenancy.tenants (
         id         uuid PRIMARY KEY,
         name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
         slug       text NOT NULL CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
         status     text NOT NULL CHECK (status IN ('active', 'suspended')),
         created_at timestamptz NOT NULL DEFAULT now()
       )`,
      `CREATE TABLE tenancy.settings (
         tenant_id          uuid PRIMARY KEY,
         allowed_currencies text[] NOT NULL DEFAULT '{EUR,UAH,USD}' CHECK (cardinality(allowed_currencies) > 0),
         max_attempts       int NOT NULL DEFAULT 3 CHECK (max_attempts BETWEEN 1 AND 20),
         updated_at         timestamptz NOT NULL DEFAULT now()
       )`,
      ...behindTenantWall({
        table: 'tenancy.tenants',
        tenantColumn: 'id',
        app: ['INSERT', 'UPDATE'],
        updatable: ['name', 'status'],
        routing: ['id', 'status'],
      }),
      ...behindTenantWall({
        table: 'tenancy.settings',
        app: ['INSERT', 'UPDATE'],
        updatable: ['allowed_currencies', 'max_attempts', 'updated_at'],
      }),
    ];
  }
}
