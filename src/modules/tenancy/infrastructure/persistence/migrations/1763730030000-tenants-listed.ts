import { SqlMigration, SYSTEM } from '../../../../../platform/database';

/** People who run the installation see which tenants there are. A list across walls is the system's; a tenant's name is how they tell one from another. */
export class TenantsListed1763730030000 extends SqlMigration {
  readonly name = 'TenantsListed1763730030000';

  statements(): string[] {
    return [
      `CREATE INDEX tenants_by_age ON tenancy.tenants (created_at, id)`,
      `GRANT SELECT (name, created_at) ON tenancy.tenants TO ${SYSTEM}`,
    ];
  }
}
