import { SqlMigration, SYSTEM } from '../../../../../platform/database';

/** A host name tells the tenant before any transaction of it can be opened, so the system finds one by its slug. */
export class TenantsBySlug1763720010001 extends SqlMigration {
  readonly name = 'TenantsBySlug1763720010001';

  statements(): string[] {
    return [
      `CREATE INDEX tenants_by_slug ON tenancy.tenants (slug)`,
      `GRANT SELECT (slug) ON tenancy.tenants TO ${SYSTEM}`,
    ];
  }
}
